import { resolve } from 'node:path';
import { type Running, readRunning } from '../../local/running.ts';
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
  const answer = await askDemo(running, { server, do: deed });
  return { ok: true, text: answer.message, answer };
};

/** What is asked of the demo servers of a running local cloud. */
export const askDemo = async (
  { aws, operator }: Pick<Running, 'aws' | 'operator'>,
  body: object,
): Promise<{ message: string }> => {
  const said = await sayTo(`${aws}/_local/demo-servers`, {
    method: 'POST',
    headers: { authorization: `Bearer ${operator.secretAccessKey}` },
    body: JSON.stringify(body),
  });
  if (typeof said.message === 'string') return { message: said.message };
  throw new Trouble(String(said.error));
};

/** The names of its demo servers; none where it watches servers of your own. */
export const demoServers = async ({
  aws,
  operator,
}: Pick<Running, 'aws' | 'operator'>): Promise<string[]> => {
  const headers = { authorization: `Bearer ${operator.secretAccessKey}` };
  const { servers } = await sayTo(`${aws}/_local/demo-servers`, { headers });
  return Array.isArray(servers) ? servers.map(String) : [];
};

type Said = { message?: unknown; error?: unknown; servers?: unknown };

const sayTo = async (url: string, request: RequestInit): Promise<Said> => {
  try {
    const response = await fetch(url, { ...request, signal: AbortSignal.timeout(ANSWER_MS) });
    return Object(await response.json()) as Said;
  } catch (cause) {
    throw new Trouble(
      `The local cloud did not answer: ${(cause as Error).message}. Look whether it still runs.`,
      { cause },
    );
  }
};
