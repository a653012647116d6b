import type { Site } from '../../../lambda/core/site/site.ts';
import type { RecordSet } from '../../../lambda/core/zone/records.ts';
import type { Plan } from '../world/plan-shape.ts';
import type { Trouble } from '../world/troubles.ts';
import { type Chronicle, roleIn, type SiteChronicle, servingIn, troubled } from './chronicle.ts';

/** What should have happened by now and has not: looked at every so often, where nothing excuses a delay. */
export type Looked = { chronicle: Chronicle; plan: Plan; sites: Site[]; listing: RecordSet[]; nowMs: number };

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** The longest stop of a process, and the longest delay of a request: what began so long ago may still come. */
const AFTERMATH_MS = 11 * MINUTE;

/** The time in which a site must have moved: a new controller, all servers settled, and every probe as slow as can be. */
const movedWithinMs = (site: Site, plan: Plan): number => {
  const looks = site.failuresToDown + site.successesToUp + 2;
  const lookSeconds = site.confirmEverySeconds + site.probe.timeoutSeconds + 2;
  return 2 * MINUTE + (2 * plan.config.intervalSeconds + site.downForSeconds + looks * lookSeconds) * SECOND;
};

/** Whether all servers, or this one, fail for everybody all the time: then there is no doubt. */
export const isPlainlyDown = (trouble: Trouble, site: number, server: number): boolean =>
  trouble.kind === 'server' &&
  trouble.site === site &&
  (trouble.server === server || trouble.server === 'all') &&
  ['refuses', 'hangs', 'status'].includes(trouble.answer) &&
  trouble.flaps === undefined &&
  trouble.loss === undefined &&
  trouble.from === undefined &&
  trouble.ipv6Only === undefined;

/** Whether one episode that `matches` lasted from `fromMs` until now. */
const lasted = (
  { chronicle, nowMs }: Looked,
  fromMs: number,
  matches: (trouble: Trouble) => boolean,
): boolean =>
  chronicle.episodes.some(
    (e) =>
      chronicle.startMs + e.fromMs <= fromMs && chronicle.startMs + e.toMs >= nowMs && matches(e.trouble),
  );

const concerns = (trouble: Trouble, site: number): boolean => 'site' in trouble && trouble.site === site;

/** Troubles that may keep a site from moving for a while, or for as long as they last. */
const hinders = (trouble: Trouble, site: number): boolean => {
  switch (trouble.kind) {
    case 'vantage':
    case 'reference':
    case 'zone':
    case 'table':
    case 'schedule':
    case 'process':
    case 'clock':
      return true;
    case 'edge':
      return (
        trouble.edge === 'zone' ||
        trouble.edge === 'parameters' ||
        (trouble.edge === 'store' && !isAway(trouble))
      );
    case 'changes':
      return trouble.how === 'busy';
    case 'protected':
    case 'edit':
    case 'address':
    case 'deploy':
      return concerns(trouble, site);
    case 'order':
      return concerns(trouble, site) && trouble.action !== 'failback';
    // What name servers answer is only compared with what the zone lists.
    case 'names':
    case 'host':
    case 'server':
      return false;
  }
};

/** The state table does not answer at all; a failover is still made then. */
const isAway = (trouble: Trouble): boolean =>
  trouble.kind === 'edge' &&
  trouble.edge === 'store' &&
  trouble.chance === 1 &&
  trouble.calls === undefined &&
  trouble.only === undefined &&
  ['throttled', 'unavailable', 'denied'].includes(trouble.fate);

/**
 * 6 and 7. While nothing but servers, the topic or the whole state table is in trouble, a site whose serving server plainly is
 * down has moved to one that has had no trouble, unless it moved so often that it must wait, or a person said something.
 */
export const overdueMove = (look: Looked): string | undefined => {
  for (const [index, site] of look.sites.entries()) {
    const { chronicle, listing, nowMs } = look;
    const withinMs = movedWithinMs(site, look.plan);
    const fromMs = nowMs - withinMs;
    const record = chronicle.sites.get(site.name) as SiteChronicle;
    if (record.left === undefined || record.moves.length > 2) continue;
    if (troubled(chronicle, (t) => hinders(t, index), fromMs - AFTERMATH_MS, nowMs)) continue;
    // An order or an edit lasts until another one ends it.
    if (record.orders.some((o) => nowMs - o.askedMs < HOUR) || nowMs - record.editedMs < HOUR) continue;
    if (roleIn(site.name, listing)?.serving === 'other') continue;
    const serving = servingIn(site, listing);
    const servingAt = site.servers.findIndex((s) => s.name === serving);
    if (!lasted(look, fromMs, (t) => isPlainlyDown(t, index, servingAt))) continue;
    const better = site.servers.findIndex(
      ({ name }, at) =>
        name !== site.lastResort &&
        !troubled(
          chronicle,
          (t) => t.kind === 'server' && t.site === index && (t.server === at || t.server === 'all'),
          fromMs,
          nowMs,
        ),
    );
    if (better >= 0) {
      return `${site.name} should have moved from ${serving} to ${site.servers[better]?.name} within ${withinMs / SECOND} s`;
    }
  }
  return undefined;
};

type Rule = {
  kinds: string[];
  matches(trouble: Trouble, plan: Plan): boolean;
};

const BLINDING = ['denied', 'lost', 'throttled', 'no-network'];
const isQuorum = (vantages: string[], { config }: Plan): boolean =>
  vantages.length * 2 > config.vantages.length;

/** What must be told of the deployment as a whole. */
const RULES: Rule[] = [
  {
    kinds: ['vantage-blind', 'blind'],
    matches: (t, plan) =>
      t.kind === 'vantage' &&
      t.chance === 1 &&
      (BLINDING.includes(t.how) || (t.how === 'cut-off' && plan.config.references.length > 0)) &&
      isQuorum(t.vantages, plan),
  },
  {
    kinds: ['vantage-blind', 'blind'],
    matches: (t, plan) =>
      t.kind === 'reference' &&
      t.which === 'all' &&
      plan.config.references.length > 0 &&
      isQuorum(t.from ?? plan.config.vantages, plan),
  },
  {
    kinds: ['zone-unreadable'],
    matches: (t) =>
      t.kind === 'zone' ||
      (t.kind === 'edge' &&
        t.edge === 'zone' &&
        t.chance === 1 &&
        (t.calls === undefined || t.calls.includes('list')) &&
        !['slow', 'busy'].includes(t.fate)),
  },
  { kinds: ['store-away'], matches: isAway },
];

/** Without controllers that run, or a topic that takes mails, nobody can tell anything. */
const silences = ({ kind, ...rest }: Trouble): boolean =>
  ['schedule', 'process', 'clock'].includes(kind) ||
  (kind === 'edge' && 'edge' in rest && rest.edge === 'topic');

/**
 * 6 and 7. While controllers run and the topic takes mails, within five minutes and again each hour people are told: of a
 * quorum of vantages that is blind, a zone that cannot be listed, a table that is away, a serving server that plainly is down.
 */
export const untoldTrouble = (look: Looked): string | undefined => {
  const { chronicle, nowMs, plan } = look;
  const fromMs = nowMs - 5 * MINUTE - 2 * plan.config.intervalSeconds * SECOND;
  if (troubled(chronicle, silences, fromMs - AFTERMATH_MS, nowMs)) return undefined;
  const told = (matches: (mail: Chronicle['mails'][number]) => boolean): boolean =>
    chronicle.mails.some((mail) => nowMs - mail.atMs < HOUR + 5 * MINUTE && matches(mail));
  for (const { kinds, matches } of RULES) {
    if (lasted(look, fromMs, (t) => matches(t, plan)) && !told(({ kind }) => kinds.includes(kind))) {
      return `for five minutes there has been cause for ${kinds.join(' or ')}, and nobody was told`;
    }
  }
  for (const [index, site] of look.sites.entries()) {
    const serving = servingIn(site, look.listing);
    const servingAt = site.servers.findIndex((s) => s.name === serving);
    if (!lasted(look, fromMs, (t) => isPlainlyDown(t, index, servingAt))) continue;
    if (!told((mail) => mail.site === site.name || mail.site === '*')) {
      return `${serving} serves ${site.name} and has been down for five minutes, and nobody was told`;
    }
  }
  return undefined;
};
