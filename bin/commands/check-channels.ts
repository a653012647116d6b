import type { Tried, TriedAll } from '../../lambda/notifier/try-channels.ts';
import type { Given } from '../arguments.ts';
import { findConsole } from '../console.ts';
import type { Result, Terminal } from '../result.ts';
import { columns, type Line, paint, wrap } from '../screen.ts';
import { isNotForUs, Trouble } from '../trouble.ts';

/** What the notifier answers; undefined of another function, or of one of another version. */
const channelsIn = (answer: object): Tried[] | undefined => {
  const { channels } = answer as Partial<TriedAll>;
  return Array.isArray(channels) ? channels : undefined;
};

const NONE =
  'There is no notifier: the deployment has no channel in `alerts`, such as `slack` or `webhook`, or is not deployed with it yet (docs/alerts.md).';

/** `check --notify`: has the notifier that is deployed post a test to each channel, and shows what each answered. */
export const checkChannels = async (given: Given, { screen, progress }: Terminal): Promise<Result> => {
  const { site } = given.which;
  if (site !== undefined)
    throw new Trouble(`Expected --notify without a site, since it posts to every channel; received ${site}.`);
  const notifier = await findConsole(given, 'notifier');
  if (notifier.name === '') throw new Trouble(NONE);
  const answer = await progress(() => 'Posting a test', notifier.ask({ action: 'test' })).catch((error) => {
    if (!isNotForUs(error) || notifier.local !== undefined) throw error;
    throw new Trouble(`${NONE}\n${(error as Error).message}`, { cause: error });
  });
  const channels = channelsIn(answer);
  if (channels === undefined)
    throw new Trouble(
      `Expected ${notifier.name} to tell of its channels, received: ${answer.message} Deploy this version.`,
    );
  const rows = channels.map(({ name, kind, ok, answer: said }): Line[] => [
    [`  ${name}`],
    [kind],
    [[ok ? 'green' : 'red', ok ? 'taken' : 'not taken']],
    [said],
  ]);
  const lines = [
    ...wrap(answer.message, screen.width),
    ...columns(rows).map((line) => paint(screen, line)),
    ...wrap(
      'Taken is what the service says. Whether somebody sees it, only somebody can tell: look there.',
      screen.width,
    ),
  ];
  return { ok: answer.ok, text: lines.join('\n'), answer: { message: answer.message, channels } };
};
