import type { Outcome } from '../../../lambda/core/probe/request.ts';
import type { Server, Site } from '../../../lambda/core/site/site.ts';
import type { RecordSet } from '../../../lambda/core/zone/records.ts';
import type { Life } from '../world/life.ts';
import type { Chronicle, Round } from './chronicle.ts';

/**
 * What the answers that a process truly got can prove, counted afresh and without the product's judge. Where several
 * processes looked at once, what a process may have learnt from another is not known here; then the proof asked for is the
 * weaker one, so that nothing sound is called wrong.
 */
export type Verdict = 'passed' | 'failed' | 'none';

/** Of several addresses of one server, one that fails fails it, and one that a vantage cannot see does not count. */
const sightingOf = (outcomes: Map<string, Outcome>, addresses: string[]): Outcome => {
  const all = addresses.map((address) => outcomes.get(address) ?? 'unknown');
  if (all.includes('failed')) return 'failed';
  return all.includes('passed') ? 'passed' : 'unknown';
};

const countOf = (round: Round, addresses: string[], outcome: Outcome): number => {
  let count = 0;
  for (const outcomes of round.seen.values()) if (sightingOf(outcomes, addresses) === outcome) count += 1;
  return count;
};

/** More than half of all configured vantages, or no verdict. */
export const verdictIn = (round: Round, addresses: string[]): Verdict => {
  const half = round.life.config.vantages.length / 2;
  if (countOf(round, addresses, 'passed') > half) return 'passed';
  return countOf(round, addresses, 'failed') > half ? 'failed' : 'none';
};

/** Where a server that is not serving is looked at. */
export const probedAddresses = (server: Server): string[] => {
  if (server.probeAddress !== undefined) return [server.probeAddress];
  return server.hostname === undefined ? [...server.ipv4, ...server.ipv6] : [server.hostname];
};

/** Where the serving server is looked at: what DNS names, unless it has an address of its own for probes. */
export const servingAddresses = (server: Server, listed: RecordSet[]): string[] =>
  server.probeAddress === undefined
    ? [...new Set(listed.flatMap((r) => r.values))].map((value) => value.replace(/\.$/, ''))
    : [server.probeAddress];

const SECOND = 1000;

/** Three intervals: then evidence is no longer fresh. */
export const staleMs = (life: Life): number => 3 * life.config.intervalSeconds * SECOND;

/** A round that has begun may wait so long for a secret before it asks the vantages. */
const SECRETS_MS = 1500;

const secretsMs = ({ config }: Life): number =>
  config.sites.some(({ probe }) => probe.secretHeaders !== undefined) ? SECRETS_MS : 0;

/** How wrong any clock was that wrote something down within the last hour: times that two clocks took differ by that much. */
export const clockErrorMs = ({ rounds }: Chronicle, atMs: number): number => {
  let most = 0;
  for (let at = rounds.length - 1; at >= 0; at--) {
    const round = rounds[at] as Round;
    if (round.atMs < atMs - 3_600_000) break;
    most = Math.max(most, round.life.mostSkewMs);
  }
  return most;
};

/** The rounds on which a batch may rest: the process's own, not older than the bound when the batch was handed over. */
export const roundsBehind = (
  { rounds }: Chronicle,
  life: Life,
  sent: { atMs: number; clockMs: number },
  site: Site,
): Round[] => {
  const boundMs = site.probe.timeoutSeconds * SECOND + 15 * SECOND;
  const found: Round[] = [];
  for (let at = rounds.length - 1; at >= 0; at--) {
    const round = rounds[at] as Round;
    if (round.atMs < life.bornMs) break;
    if (round.life === life && round.atMs <= sent.atMs && sent.clockMs - round.clockMs <= boundMs)
      found.push(round);
  }
  return found;
};

/**
 * Why a server cannot have been `down` for the process when it judged round `at`; `undefined` when it can. It can be down if
 * enough failed verdicts in a row, far enough apart, turned it down; failed verdicts kept that fresh until shortly before;
 * and the process itself has not seen it pass often enough since.
 */
export const notDown = (
  chronicle: Chronicle,
  at: Round,
  site: Site,
  addresses: string[],
): string | undefined => {
  const { life } = at;
  const errorMs = clockErrorMs(chronicle, at.atMs);
  const keptMs = staleMs(life) + site.successesToUp * life.config.intervalSeconds * SECOND + errorMs;
  const verdicts = verdictsBefore(chronicle, at, addresses, keptMs);
  if (verdicts.every(({ verdict }) => verdict !== 'failed')) {
    return `no round within ${keptMs / SECOND} s before saw ${addresses} fail at more than half of the vantages`;
  }
  const turned = enoughFailures(verdicts, life, site, staleMs(life) + errorMs, errorMs + secretsMs(life));
  if (!turned) {
    return `failed verdicts on ${addresses} never were ${site.failuresToDown} in a row over ${site.downForSeconds} s`;
  }
  const own = verdicts.filter(({ round }) => round.life === life);
  const passes = own.length - 1 - own.findLastIndex(({ verdict }) => verdict === 'failed');
  return passes >= site.successesToUp ? `it passed ${passes} times in a row since` : undefined;
};

type Judged = { round: Round; verdict: Verdict };

/** Verdicts on the addresses up to `at`, back to where no failed one came within `keptMs` before the next. */
const verdictsBefore = ({ rounds }: Chronicle, at: Round, addresses: string[], keptMs: number): Judged[] => {
  const found: Judged[] = [];
  let needMs = at.atMs - keptMs;
  for (let index = rounds.indexOf(at); index >= 0; index--) {
    const round = rounds[index] as Round;
    if (round.atMs < needMs) break;
    const verdict = verdictIn(round, addresses);
    if (verdict === 'failed') needMs = round.atMs - keptMs;
    if (verdict !== 'none') found.push({ round, verdict });
  }
  return found.reverse();
};

/**
 * A pass that `life` saw takes its own earlier failures out of the row. Passes that others saw do not: the last rounds of a
 * process may never have been judged, since its successor goes on from what was saved before.
 */
const enoughFailures = (
  verdicts: Judged[],
  life: Life,
  site: Site,
  gapMs: number,
  errorMs: number,
): boolean => {
  let row: Round[] = [];
  let passed = false;
  for (const { round, verdict } of verdicts) {
    const own = round.life === life;
    if (verdict === 'passed') {
      passed ||= own;
      continue;
    }
    if (own && passed) row = row.filter((earlier) => earlier.life !== life);
    if (own) passed = false;
    const last = row.at(-1);
    if (last !== undefined && round.atMs - last.atMs > gapMs) row = [];
    row.push(round);
    const spanMs = round.atMs - (row[0] as Round).atMs;
    if (row.length >= site.failuresToDown && spanMs + errorMs >= site.downForSeconds * SECOND) return true;
  }
  return false;
};

/**
 * Why a server cannot have been `up` for the process when it judged round `at`, for `forMs` if given; `undefined` when it can.
 * It can be up if it passed by quorum often enough, was seen passing ever since without a gap, and this process itself has not
 * seen it go down.
 */
export const notUp = (
  chronicle: Chronicle,
  at: Round,
  site: Site,
  addresses: string[],
  forMs = 0,
): string | undefined => {
  const { rounds } = chronicle;
  const errorMs = clockErrorMs(chronicle, at.atMs);
  // A successor takes the last round of its predecessor for a fresh look, so two such times may follow each other.
  const gapMs = 2 * staleMs(at.life) + at.life.config.intervalSeconds * SECOND + errorMs;
  let seenMs = at.atMs;
  let passes = 0;
  for (let index = rounds.indexOf(at); index >= 0; index--) {
    const round = rounds[index] as Round;
    if (round.atMs < seenMs - gapMs) break;
    if (countOf(round, addresses, 'passed') > 0) seenMs = round.atMs;
    if (verdictIn(round, addresses) === 'passed') passes += 1;
  }
  if (passes < site.successesToUp) {
    return `${addresses} passed by quorum ${passes} times of ${site.successesToUp} without a gap of ${gapMs / SECOND} s`;
  }
  if (at.atMs - seenMs < forMs - gapMs) {
    return `${addresses} was seen passing for ${(at.atMs - seenMs) / SECOND} s of ${forMs / SECOND} s`;
  }
  return wentDown(chronicle, at, site, addresses) ? `this process saw ${addresses} go down` : undefined;
};

/** What was looked at so long before is judged and stored at the same time, where probes are as slow as can be. */
const BESIDE_MS = 10 * SECOND;

const wentDown = ({ rounds }: Chronicle, at: Round, site: Site, addresses: string[]): boolean => {
  let failures: Round[] = [];
  let passes = 0;
  let down = false;
  let besideMs = Number.NEGATIVE_INFINITY;
  let besidePasses = 0;
  for (const round of rounds) {
    if (round.atMs > at.atMs || round.atMs < at.life.bornMs) continue;
    const verdict = verdictIn(round, addresses);
    if (round.life !== at.life) {
      // Another process that looks at the same time stores what it judged, and this one may read that in place of its own.
      if (verdict === 'passed') besideMs = round.atMs;
      if (verdict !== 'none') besidePasses = verdict === 'passed' ? besidePasses + 1 : 0;
      if (besidePasses >= site.successesToUp) down = false;
      continue;
    }
    if (verdict === 'failed') {
      passes = 0;
      const last = failures.at(-1);
      if (last !== undefined && round.clockMs - last.clockMs > staleMs(at.life)) failures = [];
      failures.push(round);
      const first = failures[0] as Round;
      if (besideMs >= first.atMs - BESIDE_MS) continue;
      const spanMs = round.clockMs - first.clockMs;
      if (failures.length >= site.failuresToDown && spanMs >= site.downForSeconds * SECOND) down = true;
    } else if (verdict === 'passed') {
      failures = [];
      passes += 1;
      if (passes >= site.successesToUp) down = false;
    }
  }
  return down;
};
