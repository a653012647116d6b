import type { Outcome } from '../probe/request.ts';
import type { Health } from '../site/health.ts';
import { quorum } from '../site/site.ts';
import { type Look, type Sighting, verdictOn } from './judge.ts';

/** The last that one vantage saw of a server. The code is one of `probe/outcome.ts` and stays; the phrase is for people. */
export type Cause = {
  outcome: Outcome;
  code: string;
  phrase: string;
  /** Since when this vantage has seen this code without a break, milliseconds. */
  sinceMs: number;
};

/** Why a server is judged as it is: what each vantage saw last, and by what a quorum found it failing. */
export type Causes = {
  byVantage: Record<string, Cause>;
  /** While it is down: the codes by which a quorum found it failing, each once, in the order in which they came first. */
  failing?: string[];
  /** Vantages that have seen something else than the quorum for a minute: some visitors may fare as they do. */
  dissenting?: string[];
  /** The certificate that ends first of those it showed, and when that one was seen last. */
  certificate?: { expiresMs: number; seenMs: number };
};

/** A vantage that differs for less than this is a blip, and not worth a write of the state. */
const DISSENT_MS = 60_000;
/** Of two certificates behind one address the one that ends first counts, until it was not seen for so long. */
const REPLACED_AFTER_MS = 3_600_000;

const phraseOf = ({ outcome, detail, status, totalMs, code }: Sighting): string =>
  outcome === 'passed' && code !== 'slow' && status !== undefined
    ? `status ${status} in ${Math.round(totalMs)} ms`
    : detail;

const causeOf = (seen: Sighting, before: Cause | undefined, startMs: number): Cause => ({
  outcome: seen.outcome,
  code: seen.code,
  phrase: phraseOf(seen),
  sinceMs: before?.code === seen.code ? before.sinceMs : startMs,
});

/** The code that a quorum of vantages failed it by in this look; undefined when they do not agree on one. */
const failingBy = (look: Look, key: string, vantageCount: number): string | undefined => {
  const counts = new Map<string, number>();
  for (const byTarget of Object.values(look.sightings)) {
    const { outcome, code = '' } = byTarget[key] ?? {};
    if (outcome === 'failed') counts.set(code, (counts.get(code) ?? 0) + 1);
  }
  return [...counts].find(([, count]) => count >= quorum(vantageCount))?.[0];
};

const certificateOf = (look: Look, key: string, before: Causes['certificate']): Causes['certificate'] => {
  const ends = Object.values(look.sightings).flatMap(({ [key]: seen }) => seen?.certificateExpiresMs ?? []);
  if (ends.length === 0) return before;
  const shown = { expiresMs: Math.min(...ends), seenMs: look.startMs };
  if (before === undefined || shown.expiresMs <= before.expiresMs) return shown;
  return look.startMs - before.seenMs > REPLACED_AFTER_MS ? shown : before;
};

/** Who differs from the quorum. A look of one vantage says nothing about the others. */
const dissentersIn = (
  look: Look,
  key: string,
  byVantage: Causes['byVantage'],
  { vantageCount, before }: { vantageCount: number; before: string[] },
): string[] => {
  const verdict = verdictOn(look, key, vantageCount);
  if (!look.full || verdict === 'none') return before;
  return Object.entries(byVantage)
    .filter(([, { outcome }]) => outcome !== verdict)
    .filter(([vantage, { sinceMs }]) => before.includes(vantage) || look.startMs - sinceMs >= DISSENT_MS)
    .map(([vantage]) => vantage)
    .sort();
};

/**
 * The causes of one target after one look. A vantage that was not asked, or has not answered, keeps what it saw last. `health` is
 * the target's health after this look.
 */
export const causesAfter = (
  before: Causes | undefined,
  key: string,
  look: Look,
  { health, vantageCount }: { health: Health; vantageCount: number },
): Causes => {
  const seen = Object.entries(look.sightings).flatMap(([vantage, { [key]: sighting }]) =>
    sighting === undefined
      ? []
      : [[vantage, causeOf(sighting, before?.byVantage[vantage], look.startMs)] as const],
  );
  const byVantage = { ...before?.byVantage, ...Object.fromEntries(seen) };
  const dissenting = dissentersIn(look, key, byVantage, { vantageCount, before: before?.dissenting ?? [] });
  const certificate = certificateOf(look, key, before?.certificate);
  const known = before?.failing ?? [];
  const code = failingBy(look, key, vantageCount);
  const failing = code === undefined || known.includes(code) ? known : [...known, code];
  return {
    byVantage,
    ...(health === 'down' && failing.length > 0 && { failing }),
    ...(dissenting.length > 0 && { dissenting }),
    ...(certificate && { certificate }),
  };
};

/** What is told of a server whose cause has changed while it is down; undefined when it has not, or was told before. */
export const changedCause = (before: Causes | undefined, after: Causes): string | undefined => {
  const [known = [], now = []] = [before?.failing, after.failing];
  const last = known.at(-1);
  const code = now.at(-1);
  if (last === undefined || code === undefined || known.includes(code)) return undefined;
  return `${causeText(after, code)}; before: ${last}`;
};

/** `refused: the server refused the connection`: the code, and the phrase of a vantage that saw it. */
export const causeText = ({ byVantage }: Causes, code: string): string => {
  const phrase = Object.values(byVantage).find((cause) => cause.code === code)?.phrase;
  return phrase === undefined ? code : `${code}: ${phrase}`;
};

/** What is stored of it at the next occasion and not for its own sake: what was seen, while the judgement stays the same. */
export const IMMATERIAL: readonly string[] = ['byVantage', 'seenMs'];
