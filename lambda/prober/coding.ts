import type { Headers } from '../core/probe/blocked.ts';
import { MAX_CODINGS, MAX_WINDOW_CODINGS } from '../core/probe/bounds.ts';
import { type Coding, codingsOf, isForHttpsAlone, misnamedCoding } from '../core/probe/codings.ts';
import { type Code, type Finding, OUTCOMES } from '../core/probe/outcome.ts';
import type { Attempt } from './attempt.ts';
import { type Bytes, hasWindow } from './decoder.ts';
import { type Undone, unpackedOnce } from './decoder-bounds.ts';
import type { PatternBudget } from './pattern.ts';
import type { Stalls } from './stalls.ts';

/** Where nobody else is probed. */
const NOBODY: Pick<Stalls, 'follow'> = { follow: () => () => {} };

/**
 * A body as it was before the server compressed it, of which at most `MAX_BODY_BYTES` are unpacked. Servers are asked not to compress;
 * those that do it all the same are read as a browser reads them: what comes before a fault counts, if there is anything.
 */
export const unpacked = async (
  received: Bytes & { url: URL; headers: Headers },
  attempt: Attempt,
  budget: PatternBudget,
  stalls: Pick<Stalls, 'follow'> = NOBODY,
): Promise<Bytes | Finding> => {
  if (received.bytes.length === 0) return received;
  const codings = codingsOf(received.headers);
  const refused = refusedCodings(received, codings);
  if (refused !== undefined) return refused;
  let current: Bytes = received;
  for (const coding of codings) {
    const next = await unpackedOnce(coding, current, attempt, { budget, stalls });
    if (attempt.brokenOff !== undefined) throw new Error('broken off');
    if (next === undefined || typeof next === 'string') return notUnpacked(next, coding);
    current = next;
  }
  return current;
};

const finding = (code: Code, detail: string): Finding => ({ code, detail: `${OUTCOMES[code][1]}${detail}` });

/** What is wrong with the codings themselves, if anything. */
const refusedCodings = (
  { url, headers }: { url: URL; headers: Headers },
  codings: readonly Coding[],
): Finding | undefined => {
  const misnamed = misnamedCoding(headers);
  if (misnamed !== undefined) return finding('body-garbled', `: ${misnamed} is no name of a coding`);
  const foreign = url.protocol === 'https:' ? undefined : codings.find(isForHttpsAlone);
  if (foreign !== undefined) return finding('body-coding', `: ${foreign} over http`);
  if (codings.length > MAX_CODINGS) return finding('body-garbled', `: it has ${codings.length} codings`);
  const windows = codings.filter(hasWindow).length;
  return windows > MAX_WINDOW_CODINGS
    ? finding('body-garbled', `: ${windows} of its codings are brotli or zstd`)
    : undefined;
};

const notUnpacked = (undone: Exclude<Undone, Bytes>, coding: Coding): Finding => {
  if (undone === 'too slow') return finding('body-pattern', `: ${coding}`);
  return finding('body-garbled', undone === 'too dear' ? ` (${coding} that is too dear)` : ` (${coding})`);
};
