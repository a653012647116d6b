import { once } from 'node:events';
import { servePage } from '../../page/serve.ts';
import { pageSource } from '../page-source.ts';
import { type Command, jsonLine } from '../result.ts';
import { Trouble } from '../trouble.ts';

/** `page`: serves the page until it is interrupted. */
export const page: Command = async (given, { out }) => {
  const served = await listening(servePage(await pageSource(given), given.port), given.port);
  out?.(given.json ? jsonLine({ url: served.url }) : `${served.url}\nCtrl-C ends it.\n`);
  await Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  await served.close();
  return { ok: true, text: 'The page is closed.', answer: { url: served.url } };
};

const listening = async <T>(serving: Promise<T>, port: number | undefined): Promise<T> => {
  try {
    return await serving;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw cause;
    throw new Trouble(
      `Port ${port} of 127.0.0.1 is taken. Choose another one, or leave --port out for any free one.`,
      {
        cause,
      },
    );
  }
};
