import { numbered, shardNumber } from '../site/shard.ts';
import type { Config } from '../site/site.ts';
import { announcement, incidentId } from '../state/announcement.ts';
import { DEPLOYMENT, type DeploymentState, oweMore } from '../state/deployment-state.ts';
import { parseState } from '../state/site-state.ts';
import { parseRole, roleRecordName } from '../zone/role-record.ts';

/** Sites named in one message. */
const NAMED = 20;

const countOf = ({ shard }: Config): number => shard?.of ?? 1;

/** Under which names controllers stored what they knew that are no more, since fewer are needed: the first one speaks for them. */
export const formerKeys = ({ controllers = 1 }: DeploymentState, config: Config): string[] => {
  const former = shardNumber(config) === 1 ? controllers - countOf(config) : 0;
  return Array.from({ length: Math.max(0, former) }, (_, index) =>
    numbered(DEPLOYMENT, countOf(config) + 1 + index),
  );
};

/** Sites that were watched by those who left these states, and that nobody of this deployment watches any more. */
export const removedSites = (states: readonly DeploymentState[], config: Config): string[] => {
  const watched = new Set([...config.sites.map(({ name }) => name), ...(config.shard?.elsewhere ?? [])]);
  const known = new Set(states.flatMap(({ sites }) => sites ?? []));
  return [...known].filter((name) => !watched.has(name));
};

/** The server that a site's stored state says it was left with. */
export const leftWith = (stored: string | undefined): string | undefined => {
  const role = stored === undefined ? undefined : parseState(stored)?.written?.role;
  return role === undefined ? undefined : parseRole(role)?.serving;
};

/**
 * The state with the sites of this configuration noted, and an announcement owed for those that were taken out of it: their records
 * stay as they are, and from now on nobody watches them. `serving` is what each was left with, as far as that is known.
 */
export const tellRemoved = (
  state: DeploymentState,
  removed: Map<string, string | undefined>,
  config: Config,
  nowMs: number,
): DeploymentState => {
  const noted = {
    ...state,
    sites: config.sites.map(({ name }) => name),
    ...(shardNumber(config) === 1 && { controllers: countOf(config) }),
  };
  if (removed.size === 0) return noted;
  const all = [...removed];
  const lines = all
    .slice(0, NAMED)
    .map(
      ([name, serving]) => `  ${name}: ${serving === undefined ? 'as it stands' : `served by ${serving}`}`,
    );
  const more = all.length > NAMED ? [`  and ${all.length - NAMED} more`] : [];
  const [[first, serving]] = all as [[string, string | undefined]];
  const left = serving === undefined ? '' : `, ${serving} stays`;
  const words = {
    subject:
      all.length === 1
        ? `${first} is no longer watched${left}`
        : `${all.length} sites of ${config.deployment} are no longer watched`,
    text: [
      [
        `What happened\n  The configuration that was deployed has these sites no more:`,
        ...lines,
        ...more,
      ].join('\n'),
      `What that means\n  Nobody watches them and nothing moves them. Their records stay as they are, and so do their role records\n  (${roleRecordName(first)}): nothing of them is deleted or moved back.`,
      'What to do\n  If that was meant, see in the Route 53 console that each names the server that it should, and delete what nobody needs. If not, put\n  the site back into the configuration and deploy: it is taken up as its role record says.',
    ].join('\n\n'),
  };
  const incident = incidentId(config.deployment, nowMs);
  const told = announcement({ site: DEPLOYMENT, incident, kind: 'site-removed', words, atMs: nowMs });
  return oweMore(noted, [told], config);
};
