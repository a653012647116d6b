import type { Site } from '../../../lambda/core/site/site.ts';
import { isElastic } from '../world/instances.ts';
import type { Plan } from '../world/plan-shape.ts';
import { concerns, type Episode, type Trouble } from '../world/troubles.ts';

/** A site whose serving server died, and what it has to do with. */
export type Death = { episode: Episode; index: number; zone: number; site: Site; plan: Plan };

/**
 * What is still due at a site whose serving server died, where an excuse holds: nothing; that people hear in time that it was moved
 * or that it was not; or the move, of which nobody need hear yet.
 */
export type Leaves = 'nothing' | 'word' | 'move';

type Excuse = {
  /** The trouble, and why it concerns this site. */
  says: string;
  matches(trouble: Trouble, death: Death): boolean;
  leaves: Leaves;
  /** The excuse holds for so long after the trouble has ended, milliseconds. */
  afterMs: number;
};

const MINUTE = 60_000;
/** The longest stop of a process, and the longest delay of a request. */
const AFTERMATH_MS = 11 * MINUTE;
/** After a refusal that does not mend within seconds, a change is tried again a little later. */
const TRIED_AGAIN_MS = 2 * MINUTE;

const isOnZone = (t: Trouble, death: Death): boolean =>
  t.kind === 'edge' &&
  t.edge === 'zone' &&
  concerns(t.only, aboutOf(death)) &&
  t.calls?.join() !== 'changeStatus';

const aboutOf = ({ index, zone }: Death) => ({ site: index, zone });

const hasSecret = ({ probe }: Site): boolean => Object.keys(probe.secretHeaders ?? {}).length > 0;

/** Controllers begin at other times than expected, or not at all. An event from another time is refused, and no excuse. */
const shiftsControllers = (t: Trouble): boolean =>
  t.kind === 'schedule' && ['none', 'late', 'twice'].includes(t.how);

/**
 * All that may keep a site from being moved in the time of a quiet night, and nothing else. The state table, name servers, GetChange,
 * the history, and whatever is wrong with other sites and zones is not among it.
 */
export const EXCUSES: readonly Excuse[] = [
  {
    says: 'more of its servers are in trouble, so it is not plain where it should go, or whether',
    matches: (t, { episode, index }) => t.kind === 'server' && t.site === index && t !== episode.trouble,
    leaves: 'nothing',
    afterMs: 4 * MINUTE,
  },
  {
    says: 'its zone cannot be listed or changed',
    matches: (t, death) =>
      (t.kind === 'zone' && t.which === death.zone) || (isOnZone(t, death) && !isLate(t)),
    leaves: 'word',
    afterMs: TRIED_AGAIN_MS,
  },
  {
    says: 'a change of its zone may come in when nobody expects it any more',
    matches: (t, death) => isOnZone(t, death) && isLate(t),
    leaves: 'nothing',
    afterMs: AFTERMATH_MS,
  },
  {
    says: 'its zone takes one change after the other, or forgets them',
    matches: (t, death) => t.kind === 'changes' && t.how !== 'held' && concerns(t.only, aboutOf(death)),
    leaves: 'word',
    afterMs: TRIED_AGAIN_MS,
  },
  {
    says: 'its records are protected; a change is tried again after five minutes',
    matches: (t, { index }) => t.kind === 'protected' && t.site === index,
    leaves: 'word',
    afterMs: 6 * MINUTE,
  },
  {
    says: 'the topic does not take its mails',
    matches: (t, death) => t.kind === 'edge' && t.edge === 'topic' && concerns(t.only, aboutOf(death)),
    leaves: 'move',
    afterMs: MINUTE,
  },
  {
    says: 'its address does not move as it is told',
    matches: (t, { index, zone, site }) =>
      isElastic(site) &&
      t.kind === 'edge' &&
      t.edge === 'addresses' &&
      concerns(t.only, { site: index, zone }),
    leaves: 'nothing',
    afterMs: TRIED_AGAIN_MS,
  },
  {
    says: 'something else happened to its address or its configuration',
    matches: (t, { index }) =>
      ['address', 'host', 'deploy'].includes(t.kind) && 'site' in t && t.site === index,
    leaves: 'nothing',
    afterMs: AFTERMATH_MS,
  },
  {
    says: 'its probe carries a secret that cannot be read',
    matches: (t, { site }) => t.kind === 'edge' && t.edge === 'parameters' && hasSecret(site),
    leaves: 'nothing',
    afterMs: TRIED_AGAIN_MS,
  },
  {
    says: 'vantages see nothing that they know, and abstain',
    matches: (t, { plan }) => t.kind === 'reference' && plan.config.references.length > 0,
    leaves: 'nothing',
    afterMs: TRIED_AGAIN_MS,
  },
  {
    says: 'controllers are not started in time, stop, die, or have a wrong clock; or the table holds what was long ago',
    matches: (t) => shiftsControllers(t) || ['process', 'clock', 'table'].includes(t.kind),
    leaves: 'nothing',
    afterMs: AFTERMATH_MS,
  },
];

const isLate = (t: Trouble): boolean => t.kind === 'edge' && t.fate === 'late';

/** Whether half of the vantages or more were in trouble between the two, milliseconds from the start of the world. */
export const isBlind = (
  { plan, index }: Death,
  episodes: readonly Episode[],
  fromMs: number,
  toMs: number,
) => {
  const blind = new Set<string>();
  for (const { trouble: t, ...e } of episodes) {
    if (e.fromMs > toMs || e.toMs < fromMs) continue;
    if (t.kind === 'vantage') for (const each of t.vantages) blind.add(each);
    if (t.kind === 'server' && t.site === index) for (const each of t.from ?? []) blind.add(each);
  }
  return blind.size * 2 >= plan.config.vantages.length;
};
