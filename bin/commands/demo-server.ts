import { resolve } from 'node:path';
import { readRunning } from '../../local/running.ts';
import type { Command } from '../result.ts';
import { notRunning, Trouble } from '../trouble.ts';

/** Where `npm start` keeps its state unless told otherwise. */
const USUAL_STATE = '.switchover';
/** A server that is revived starts a process. */
const ANSWER_MS = 20_000;

/** `demo-server`: one of the two web servers that `npm start` watches without a configuration fails, or works again. */
export const demoServer: Command = async ({ demo, local = USUAL_STATE }) => {
  const stateDir = resolve(local);
  const running = readRunning(stateDir);
  if (running === undefined) throw new Trouble(notRunning(stateDir));
  const { server, deed } = demo ?? {};
  const answer = await ask(`${running.aws}/_local/demo-servers`, running.operator.secretAccessKey, {
    server,
    do: deed,
  });
  return { ok: true, text: answer.message, answer };
};

const ask = async (url: string, key: string, body: object): Promise<{ message: string }> => {
  let said: { message?: unknown; error?: unknown };
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}` },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
    said = Object(await response.json());
  } catch (cause) {
    throw new Trouble(
      `The local cloud did not answer: ${(cause as Error).message}. Look whether it still runs.`,
      {
        cause,
      },
    );
  }
  if (typeof said.message === 'string') return { message: said.message };
  throw new Trouble(String(said.error));
};
