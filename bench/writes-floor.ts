import type { Site } from '../lambda/core/site/site.ts';
import type { Change } from '../lambda/core/zone/records.ts';
import { sealed } from '../lambda/core/zone/role-record.ts';
import { batchFor, desiredRecords, roleRecordOf } from '../lambda/core/zone/zone-view.ts';
import { changeTokens } from '../local/route53-limits.ts';

/** The account's buckets (facts: Route 53 guide, "API request throttling"): what is there at once, and each second. */
const REQUESTS = { burst: 50, perSecond: 10 };
const TOKENS = { burst: 1500, perSecond: 100 };
/** Limits of one call (Route 53 guide, "Quotas"). */
const CALL = { values: 1000, characters: 32_000 };

const seconds = (needed: number, { burst, perSecond }: typeof TOKENS): number =>
  Math.max(0, (needed - burst) / perSecond);

/** The batch that fails one site over, as the product makes it: the records and the role record, old for new. */
const failover = (site: Site): Change[] => {
  const [primary, standby] = site.servers;
  const roleOf = (serving: string, epoch: number, records: ReturnType<typeof desiredRecords>) =>
    sealed({ epoch, serving, mode: 'auto', sinceSeconds: 1_795_341_600 }, records);
  const [before, after] = [primary, standby].map((server) =>
    desiredRecords(site, server as NonNullable<typeof server>),
  );
  if (before === undefined || after === undefined) return [];
  const role = roleOf('primary', 1, before);
  const view = { kind: 'ours' as const, role, roleRecord: roleRecordOf(site, role), records: before };
  return batchFor(site, view, after, roleOf('standby', 2, after));
};

const sum = (numbers: number[]): number => numbers.reduce((total, each) => total + each, 0);

/**
 * What the limits allow at best: the fewest calls that hold all changes, sites whole, and the time that the slower bucket
 * takes. Reading is left out: whoever knows the zone already needs none.
 */
export const floorOf = (
  sites: Site[],
  way: 'switchover' | 'naive',
): { calls: number; seconds: number; tokens: number } => {
  if (way === 'naive') {
    const tokens = 2 * sum(sites.map((site) => desiredRecords(site, site.servers[1] as never).length));
    return {
      calls: sites.length,
      tokens,
      seconds: Math.max(seconds(sites.length, REQUESTS), seconds(tokens, TOKENS)),
    };
  }
  const changes = sites.flatMap(failover);
  const tokens = changeTokens(changes.map(({ action }) => action));
  const values = changes.flatMap(({ record }) => record.values);
  const calls = Math.max(
    Math.ceil(values.length / CALL.values),
    Math.ceil(sum(values.map((value) => value.length)) / CALL.characters),
  );
  return { calls, tokens, seconds: Math.max(seconds(calls, REQUESTS), seconds(tokens, TOKENS)) };
};
