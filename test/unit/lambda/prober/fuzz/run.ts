import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { observationsIn } from '../../../../../lambda/core/probe/observations.ts';
import { type Code, OUTCOMES } from '../../../../../lambda/core/probe/outcome.ts';
import type { Observation, ProbeRequest } from '../../../../../lambda/core/probe/request.ts';
import { probeBatch } from '../../../../../lambda/prober/batch.ts';
import { NEEDLE } from './answers.ts';
import { type Case, caseOf } from './cases.ts';

export type Fuzzed = {
  probes: number;
  codes: Record<string, number>;
  /** What must not have happened, each with its seed and number. */
  troubles: string[];
  starved: number;
  /** Resources of the event loop that are there after the last batch and were not before the first. */
  leftOpen: string[];
  /** Connections that the server still had a second after the last batch. */
  serverOpen: number;
  peakRssMb: number;
};

/** A server that goes on to be silent costs its whole time; all others end long before, however busy the machine is. */
const SILENT_MS = 250;
const TIMEOUT_MS = 5_000;
const BATCH = 1_000;
/** A batch that hung would end at its deadline. On an idle machine one takes about a second, on one that is ten times as busy fifteen. */
const BATCH_DEADLINE_MS = 60_000;
const MAX_BATCH_MS = 45_000;
/** Enough to see what is wrong; a broken prober would fill the screen. */
const MAX_TROUBLES = 20;

/** 127.1.0.0 and on. */
const addressOf = (number: number): string =>
  `127.${1 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;

const requestFor = (played: Case, number: number, port: number): ProbeRequest => ({
  id: String(number),
  url: `${played.asks.scheme}://www.site.test:${port}/`,
  address: addressOf(number),
  method: played.asks.method,
  headers: {},
  expectStatus: [200],
  timeoutMs: played.end === 'silence' && played.may.has('timeout-response') ? SILENT_MS : TIMEOUT_MS,
  ...(played.asks.looksAtBody && { bodyIncludes: NEEDLE }),
});

const isTimeout = (code: string): boolean => code.startsWith('timeout-');

/** What is wrong with what the prober said of a case, if anything. `whole` is what it said when the answer came in one piece. */
const troubleWith = (
  played: Case,
  request: ProbeRequest,
  said: Observation,
  whole?: Observation,
): string | undefined => {
  const code = said.code as Code;
  if (said.id !== request.id) return 'the observation is of another probe';
  if (OUTCOMES[code]?.[0] !== said.outcome) return 'the outcome is not that of the code';
  if (!/^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}$/u.test(said.detail))
    return 'the detail is not printable, or too long';
  if (said.phases.totalMs > 2 * request.timeoutMs + 2_000) return 'it took too long';
  if (code === 'starved') return undefined;
  if (!played.may.has(code)) return `expected one of ${[...played.may].join(', ')}`;
  // A reset overtakes bytes or does not, and what follows a complete answer is seen or is not.
  if (whole === undefined || whole.code === 'starved' || played.end === 'reset' || played.may.size > 5)
    return undefined;
  if (whole.code === code || (isTimeout(whole.code) && isTimeout(code))) return undefined;
  return `in one piece it was ${whole.code}`;
};

const batchOf = async (seed: string, port: number, from: number, to: number, into: Fuzzed): Promise<void> => {
  const cases = Array.from({ length: to - from }, (_, index) => caseOf(seed, (from + index) >> 1));
  const probes = cases.map((played, index) => requestFor(played, from + index, port));
  const startedAt = performance.now();
  const { observations } = await probeBatch({ probes, deadlineMs: BATCH_DEADLINE_MS });
  const tookMs = performance.now() - startedAt;
  const tell = (what: string) => into.troubles.length < MAX_TROUBLES && into.troubles.push(what);
  if (tookMs > MAX_BATCH_MS) tell(`seed ${seed}, probes ${from} to ${to - 1} took ${tookMs} ms`);
  if (observations.length !== probes.length)
    tell(`seed ${seed}, probes ${from} to ${to - 1}: some were not answered`);
  // One server whose oddity the controller would not believe would make the whole vantage blind.
  const believed = observationsIn(JSON.parse(JSON.stringify({ observations })), probes);
  if ('misfit' in believed) tell(`seed ${seed}, not believed: ${JSON.stringify(believed.misfit)}`);
  for (const [index, said] of observations.entries()) {
    const [played, request] = [cases[index] as Case, probes[index] as ProbeRequest];
    into.codes[said.code] = (into.codes[said.code] ?? 0) + 1;
    const whole = (from + index) % 2 === 1 ? observations[index - 1] : undefined;
    const trouble = troubleWith(played, request, said, whole);
    if (trouble !== undefined)
      tell(
        `seed ${seed}, probe ${from + index} (${played.kind}, then ${played.end}): ${said.code}, ${trouble}; ${said.detail}`,
      );
  }
};

const serverOf = async (seed: string): Promise<{ child: ChildProcess; port: number }> => {
  const child = fork(fileURLToPath(new URL('player.ts', import.meta.url)), [seed]);
  const [{ port }] = await once(child, 'message');
  return { child, port };
};

const stillOpen = async (child: ChildProcess): Promise<number> => {
  let open = 0;
  for (let tries = 0; tries < 20; tries += 1) {
    child.send('open?');
    [{ open }] = await once(child, 'message');
    if (open === 0) return 0;
    await new Promise((done) => setTimeout(done, 50));
  }
  return open;
};

const resources = (): string[] => process.getActiveResourcesInfo().sort();

/** Sends the probes `from` to `to` - 1 of a seed; `onBatch` is called after every batch. */
export const fuzz = async (
  seed: string,
  from: number,
  to: number,
  onBatch = (_done: number) => {},
): Promise<Fuzzed> => {
  const into: Fuzzed = {
    probes: to - from,
    codes: {},
    troubles: [],
    starved: 0,
    leftOpen: [],
    serverOpen: 0,
    peakRssMb: 0,
  };
  const { child, port } = await serverOf(seed);
  let reached = from;
  const onThrown = (error: unknown) => {
    into.troubles.push(
      `seed ${seed}, one of the probes before ${Math.min(to, reached + BATCH)}: thrown ${(error as Error)?.stack ?? error}`,
    );
  };
  process.on('uncaughtException', onThrown);
  process.on('unhandledRejection', onThrown);
  try {
    const before = resources();
    for (; reached < to; reached += BATCH) {
      await batchOf(seed, port, reached, Math.min(to, reached + BATCH), into);
      into.peakRssMb = Math.max(into.peakRssMb, process.memoryUsage.rss() / 1_048_576);
      onBatch(reached + BATCH - from);
    }
    into.serverOpen = await stillOpen(child);
    into.leftOpen = resources().filter((kind) => !before.includes(kind));
  } finally {
    process.off('uncaughtException', onThrown);
    process.off('unhandledRejection', onThrown);
    child.disconnect();
  }
  into.starved = into.codes.starved ?? 0;
  return into;
};
