import type { Site } from '../../../lambda/core/site/site.ts';
import { LOOK_EVERY_MS } from '../../../lambda/core/state/baton.ts';
import { ownerOf } from '../world/answers.ts';
import { describe, type Episode, type Trouble } from '../world/troubles.ts';
import { type Chronicle, changesAnswers, type Round, type SiteChronicle, troubled } from './chronicle.ts';
import { type Death, EXCUSES, isBlind } from './excuses.ts';
import { onTable } from './invariants/invariant.ts';
import { isPlainlyDown, type Looked } from './overdue.ts';

/*
 * 9. Trouble at one site, zone, region or API delays no other site: what is due there is made, or told as not made, in the time of a
 * quiet night. Each time that the serving server of a site plainly dies while a standby is well, it is asked afterwards what came of
 * it within that time. What happened elsewhere is no excuse; `EXCUSES` lists what is.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

/** The first call that meets a trouble may be waited for once: so long does the state table take, and a little is left for all else. */
const SLACK_MS = 11 * SECOND;
/** How long a site has been as we left it, so that nothing of its last change is under way. */
const AT_REST_MS = MINUTE;
/** After an order, what a person wants is no longer plain for so long. */
const ORDER_MS = HOUR;

/** From the schedule's event to the first look of the controller that it starts. */
const STARTS_WITHIN_MS = 3 * SECOND;

/**
 * The time of a quiet night: until the next look, which is an interval at most; that look, the failed looks that the
 * configuration asks for, the last one's answer, and a moment to list, save, change and tell. A controller that begins
 * meanwhile counts on from the looks that its predecessor noted with the baton, each five seconds. It looks again instead
 * of those that were judged since, or are under way. What was decided and not done is decided on its own first look.
 */
export const quietNightMs = (chronicle: Chronicle, death: Death): number => {
  const { site, plan, episode } = death;
  const { failuresToDown, downForSeconds, confirmEverySeconds: every } = site;
  const settleSeconds = Math.ceil(Math.max(downForSeconds / every, failuresToDown - 1)) * every;
  const looksMs = settleSeconds * SECOND + 2 * answerMs(chronicle, death);
  const aloneMs = firstLookMs(chronicle, death) + looksMs + SLACK_MS;
  const nextStartMs = MINUTE - ((episode.fromMs - plan.scheduleMs + MINUTE) % MINUTE);
  const handedOverMs = STARTS_WITHIN_MS + LOOK_EVERY_MS + every * SECOND + answerMs(chronicle, death);
  return nextStartMs < aloneMs ? aloneMs + handedOverMs : aloneMs;
};

/** When the first look at the site was due after the death: when it was, or an interval later where it was not by then. */
const firstLookMs = ({ rounds, startMs }: Chronicle, { index, episode, plan }: Death): number => {
  const intervalMs = plan.config.intervalSeconds * SECOND;
  // A controller whose successor has looked already may look once more, and nobody hears of that.
  if (intervalMs >= MINUTE) return intervalMs;
  const diedMs = startMs + episode.fromMs;
  const isLook = ({ asked }: Round) =>
    [...asked].some((each) => ownerOf(each.split(' ')[1] ?? '')?.site === index);
  let look: Round | undefined;
  for (let at = rounds.length - 1; at >= 0; at--) {
    const round = rounds[at] as Round;
    if (round.atMs < diedMs) break;
    if (isLook(round)) look = round;
  }
  return Math.min(intervalMs, (look?.atMs ?? Number.POSITIVE_INFINITY) - diedMs);
};

/** How long a look may take: nothing to speak of, or as long as the slowest probe of its batch where any server hangs. */
const answerMs = ({ episodes }: Chronicle, { episode, plan }: Death): number => {
  const toMs = episode.fromMs + 2 * MINUTE;
  const hangs = episodes.some(
    ({ trouble: t, ...e }) =>
      e.fromMs <= toMs &&
      e.toMs >= episode.fromMs - MINUTE &&
      ((t.kind === 'server' && ['hangs', 'slow'].includes(t.answer)) ||
        t.kind === 'reference' ||
        t.kind === 'vantage'),
  );
  return hangs ? Math.max(...plan.config.sites.map(({ probe }) => probe.timeoutSeconds)) * SECOND : 0;
};

/** What became of a site whose serving server died, milliseconds since 1970. */
type Story = { movedMs: number; toldMs: number; word: string; kinds: string[]; untrue: string[] };

/** Kinds of mails that say what became of a site that was to be moved, beside all that say NOT MOVED. */
const OUTCOMES = [
  ...['failover', 'recovered', 'failback', 'pointed', 'pinned', 'found'],
  ...['write-refused', 'blind', 'zone-unreadable', 'held'],
];
/** None of it is true of a site that was well, whose standby is, and whose move is ours. */
const UNTRUE = [
  'unsure',
  'found',
  'server-unknown',
  'edited-by-hand',
  'state-lost',
  'unread',
  'nowhere-better',
];

/** Every death whose time is over by now and was not asked about before. */
export const delayedElsewhere = (
  look: Looked,
  asked: Set<number>,
  met: (what: string) => void,
): Late | undefined => {
  const { chronicle, nowMs } = look;
  for (const episode of chronicle.episodes) {
    const death = deathOf(look, episode);
    if (death === undefined || asked.has(episode.id)) continue;
    const diedMs = chronicle.startMs + episode.fromMs;
    if (nowMs < diedMs) continue;
    const dueMs = diedMs + quietNightMs(chronicle, death);
    if (nowMs < dueMs + SECOND) continue;
    asked.add(episode.id);
    const late = lateAt(look, death, dueMs, met);
    if (late !== undefined) return late;
  }
  return undefined;
};

/** Rule 9 as it was broken: the site, and what should have been. */
type Late = { site: string; text: string };

const deathOf = ({ plan, sites }: Looked, episode: Episode): Death | undefined => {
  const { trouble } = episode;
  if (trouble.kind !== 'server' || typeof trouble.server !== 'number') return undefined;
  if (!isPlainlyDown(trouble, trouble.site, trouble.server)) return undefined;
  const site = sites[trouble.site] as Site;
  const zone = plan.config.zones.findIndex(({ name }) => name === site.zone);
  return { episode, index: trouble.site, zone, site, plan };
};

const lateAt = (
  { chronicle }: Looked,
  death: Death,
  dueMs: number,
  met: (what: string) => void,
): Late | undefined => {
  const { episode, site } = death;
  const diedMs = chronicle.startMs + episode.fromMs;
  const record = chronicle.sites.get(site.name) as SiteChronicle;
  if (chronicle.startMs + episode.toMs < dueMs || !wasReady(record, death, diedMs)) return undefined;
  const due = dueAt(chronicle, death, diedMs, dueMs);
  if (due.size === 0) return undefined;
  met(`rule 9: ${[...due].join(' and ')} due`);
  const story = storyOf(chronicle, record, death, diedMs, dueMs);
  const wrong = wrongOf(due, story, dueMs);
  if (wrong === undefined) return undefined;
  return { site: site.name, text: `${wrong}\n${told(chronicle, death, story, diedMs, dueMs)}` };
};

/** Whether the site was served by the server that died, in peace, and may move by itself. */
const wasReady = (record: SiteChronicle, { episode, site, plan }: Death, diedMs: number): boolean => {
  const last = record.writes.findLast(({ applied }) => applied.atMs <= diedMs);
  if (last === undefined || diedMs - last.applied.atMs < AT_REST_MS || record.editedMs >= last.applied.atMs)
    return false;
  const { roleAfter, to } = last;
  const server = site.servers.findIndex(({ name }) => name === to);
  const dead = episode.trouble.kind === 'server' ? episode.trouble.server : undefined;
  if (server < 0 || server !== dead || roleAfter?.serving !== to || roleAfter?.mode !== 'auto') return false;
  const isOrdered = record.orders.some((o) => diedMs - o.askedMs < ORDER_MS);
  const moves = record.moves.filter(({ applied }) => applied.atMs <= diedMs);
  const others = site.servers.filter(({ name }) => name !== to && name !== site.lastResort);
  return !isOrdered && moves.length < 2 && others.length > 0 && plan.troubledMs > episode.fromMs;
};

type Due = Set<'move' | 'word'>;

/** What is due in spite of everything that happened. */
const dueAt = ({ episodes, startMs }: Chronicle, death: Death, diedMs: number, dueMs: number): Due => {
  const due: Due = new Set(['move', 'word']);
  const [fromMs, toMs] = [diedMs - startMs, dueMs - startMs];
  if (isBlind(death, episodes, fromMs - 2 * MINUTE, toMs)) return new Set();
  for (const { matches, afterMs, leaves } of EXCUSES) {
    const holds = episodes.some(
      (e) => e.fromMs <= toMs && e.toMs + afterMs >= fromMs && matches(e.trouble, death),
    );
    if (!holds) continue;
    if (leaves !== 'move') due.delete('move');
    if (leaves !== 'word') due.delete('word');
  }
  return due;
};

const storyOf = (
  chronicle: Chronicle,
  record: SiteChronicle,
  death: Death,
  diedMs: number,
  dueMs: number,
): Story => {
  const since = record.writes.filter(({ applied }) => applied.atMs >= diedMs);
  const move = since.find((write) => changesAnswers(write) && write.from !== write.to);
  const own = chronicle.mails.filter((mail) => mail.atMs >= diedMs && isOf(death, mail));
  const isKnown = isKnownUnreadable(chronicle, death, diedMs);
  const word = own.find(
    ({ kind, subject }) =>
      OUTCOMES.includes(kind) ||
      /^(?:NOT MOVED|SITE DOWN) /.test(subject) ||
      (isKnown && kind === 'server-down'),
  );
  return {
    movedMs: move?.applied.atMs ?? Number.POSITIVE_INFINITY,
    toldMs: word?.atMs ?? Number.POSITIVE_INFINITY,
    word: word?.kind ?? 'nothing',
    kinds: own.filter((m) => m.site === death.site.name && m.atMs <= dueMs).map(({ kind }) => kind),
    untrue: own
      .filter((m) => m.site === death.site.name && m.atMs <= dueMs && isUntrue(chronicle, m))
      .map(({ kind }) => kind),
  };
};

/** Whether a mail is about the site, or the zone that it is in. */
const isOf = ({ site }: Death, mail: Chronicle['mails'][number]): boolean =>
  mail.site === site.name ||
  `${mail.subject}${mail.text}`.includes(site.name) ||
  mail.subject.includes(`zone ${site.zone} `);

/** People were told within the hour that the zone cannot be read, so that no site in it can move: that the server is down is the rest of it. */
const isKnownUnreadable = ({ mails }: Chronicle, { site }: Death, diedMs: number): boolean =>
  mails.some(
    ({ kind, subject, atMs }) =>
      kind === 'zone-unreadable' &&
      subject.includes(`zone ${site.zone} `) &&
      diedMs - atMs < HOUR + 5 * MINUTE,
  );

/** Whether no save comes through. That the baton is refused keeps no state from being stored. */
const takesNoSave = ({ chance, fate, calls }: Extract<Trouble, { kind: 'edge' }>): boolean =>
  chance === 1 && fate !== 'slow' && (calls?.includes('save') ?? true);

/**
 * What nobody could store while the table was away may be found by who comes after, once it is back, or takes a save now and then. And
 * who began without what its predecessors noted has seen no standby for long enough: then the last resort is better than a dead server.
 */
const isUntrue = (chronicle: Chronicle, { kind, subject, atMs }: Chronicle['mails'][number]): boolean => {
  const wasAway = troubled(chronicle, onTable, atMs - 2 * MINUTE, atMs);
  const isAway = troubled(chronicle, (t) => onTable(t) && t.kind === 'edge' && takesNoSave(t), atMs, atMs);
  const isMove = kind === 'nowhere-better' && subject.includes('LAST RESORT');
  return UNTRUE.includes(kind) && !(wasAway && ((kind === 'found' && !isAway) || isMove));
};

const wrongOf = (due: Due, { movedMs, toldMs, untrue }: Story, dueMs: number): string | undefined => {
  if (due.has('move') && movedMs > dueMs) return 'it was not moved in time';
  if (due.has('word') && toldMs > dueMs) return 'nobody was told in time what became of it';
  return due.size === 2 && untrue.length > 0 ? `people were told what is not so: ${untrue}` : undefined;
};

/** The story in words, with all that went on meanwhile. */
const told = (
  { episodes, startMs }: Chronicle,
  { site, episode }: Death,
  { movedMs, toldMs, word, kinds }: Story,
  diedMs: number,
  dueMs: number,
): string => {
  const after = (ms: number) =>
    ms === Number.POSITIVE_INFINITY ? 'not yet' : `after ${(ms - diedMs) / SECOND} s`;
  const meanwhile = episodes.filter(
    (e) => e !== episode && e.fromMs + startMs <= dueMs && e.toMs + startMs >= diedMs - MINUTE,
  );
  return [
    `${site.name} lost its serving server at ${episode.fromMs / SECOND} s, and had ${(dueMs - diedMs) / SECOND} s: ` +
      `moved ${after(movedMs)}, told ${after(toldMs)} (${word}; mails: ${kinds.join(', ') || 'none'}). Meanwhile:`,
    ...meanwhile.map((each) => `  ${describe(each)}`),
  ].join('\n');
};
