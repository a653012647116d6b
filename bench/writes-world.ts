import { randomUUID } from 'node:crypto';
import type { ProbeRequest } from '../lambda/core/probe/request.ts';
import type { Config, Site } from '../lambda/core/site/site.ts';
import type { Change } from '../lambda/core/zone/records.ts';
import { systemClock } from '../lambda/edge/clock.ts';
import { newPacer } from '../lambda/edge/pacer.ts';
import { route53Client, route53Zones } from '../lambda/edge/route53.ts';
import type { Store, World } from '../lambda/ports.ts';
import type { Credentials } from '../local/credentials.ts';

export const ZONE = 'flip.example';
export const ZONES_REGION = 'eu-west-2';

/** `alone`: an A record a site; `both`: an AAAA record beside it. */
export type Families = 'alone' | 'both';

const addressesOf = (index: number, net: number, families: Families) => ({
  ipv4: [`198.${18 + net}.${Math.floor(index / 250)}.${(index % 250) + 1}`],
  ipv6: families === 'both' ? [`2001:db8:${net}::${(index + 1).toString(16)}`] : [],
});

/** As the product is configured by default, but that one look settles a server: what is measured begins with the decision. */
export const sitesOf = (count: number, families: Families): Site[] =>
  Array.from({ length: count }, (_, index) => {
    const name = `site${index}.${ZONE}`;
    return {
      name,
      names: [name],
      zone: ZONE,
      host: name,
      tags: [],
      ttlSeconds: 60,
      lever: 'record',
      servers: [
        { name: 'primary', ...addressesOf(index, 0, families) },
        { name: 'standby', ...addressesOf(index, 1, families) },
      ],
      probe: { url: `https://${name}/`, method: 'GET', headers: {}, expectStatus: [200], timeoutSeconds: 3 },
      failuresToDown: 1,
      successesToUp: 1,
      downForSeconds: 0,
      confirmEverySeconds: 2,
      failback: 'manual',
    };
  });

export const configOf = (sites: Site[]): Config => ({
  deployment: 'bench',
  local: true,
  homeRegion: ZONES_REGION,
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [{ name: ZONE }],
  alerts: { emails: [] },
  references: [],
  intervalSeconds: 10,
  sites,
});

/** Every primary is dead, or none. */
export type Fate = { dead: boolean };

const isPrimary = (address: string): boolean =>
  address.startsWith('198.18.') || address.startsWith('2001:db8:0::');

const observed = (fate: Fate, { id, address }: ProbeRequest) =>
  fate.dead && isPrimary(address)
    ? { id, outcome: 'failed' as const, code: 'refused' as const, detail: 'refused', phases: { totalMs: 1 } }
    : { id, outcome: 'passed' as const, code: 'ok' as const, detail: '200', phases: { totalMs: 1 } };

/** What was sent and taken: the changes of one accepted batch, and when. */
export type Accepted = { atMs: number; changes: Change[] };

/**
 * The controller's own world, with the real clients of Route 53 over the wire and the real clock. The rest is played: probers
 * answer at once what `fate` says, the table is kept in memory, and the topic takes every message.
 */
export const controllerWorld = (
  config: Config,
  at: { url: string; zoneId: string; operator: Credentials },
  store: Store,
  fate: Fate,
  onLine: World['log'],
): { world: World; accepted: Accepted[] } => {
  const accepted: Accepted[] = [];
  const place = { endpoint: at.url, region: ZONES_REGION, credentials: at.operator };
  const pacer = newPacer(systemClock);
  const zones = route53Zones(route53Client(place), { beforeRead: () => pacer.spend(0) });
  const world: World = {
    config,
    zoneIds: { [ZONE]: at.zoneId },
    clock: systemClock,
    probers: { probe: async (_, { probes }) => probes.map((request) => observed(fate, request)) },
    pacerOf: () => pacer,
    zones: {
      ...zones,
      change: async (zoneId, changes, comment) => {
        const answer = await zones.change(zoneId, changes, comment);
        accepted.push({ atMs: Date.now(), changes });
        return answer;
      },
    },
    store,
    topic: { publish: async () => {} },
    events: { publish: async () => {} },
    log: onLine,
    memory: new Map(),
    nonce: randomUUID,
  };
  return { world, accepted };
};
