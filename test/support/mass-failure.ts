/** 200 sites, four minutes after a rack died: the night that status, page and mails are read against. */

import { virtualSite } from '../../fixtures/virtual/world.ts';
import type { Causes } from '../../lambda/core/evidence/causes.ts';
import { statusOf } from '../../lambda/core/orders/status.ts';
import { type StatusDocument, statusDocument } from '../../lambda/core/orders/status-document.ts';
import type { TargetHealth } from '../../lambda/core/site/health.ts';
import type { Site } from '../../lambda/core/site/site.ts';
import { emptyState, type SiteState } from '../../lambda/core/state/site-state.ts';
import type { RecordSet } from '../../lambda/core/zone/records.ts';
import { type Role, sealed } from '../../lambda/core/zone/role-record.ts';
import { roleRecordOf, type ZoneView } from '../../lambda/core/zone/zone-view.ts';

export const NOW_MS = Date.UTC(2026, 10, 22, 21, 14, 7);
const DIED_MS = NOW_MS - 245_000;
/** Standbys took over two seconds later. */
const MOVED_MS = DIED_MS + 2000;
const LONG_AGO_MS = NOW_MS - 12 * 86_400_000;
const VANTAGES = ['eu-west-2', 'us-east-1', 'ap-southeast-1'];

/** What is different about a site: which of its servers is down for which code, which one serves, and who holds it. */
export type Told = {
  tags?: string[];
  network?: string;
  down?: Record<string, { code: string; phrase: string; sinceMs?: number }>;
  serving?: string;
  held?: { by: string; reason: string; untilMs: number };
  incident?: string;
};

const REFUSED = { code: 'refused', phrase: 'the server refused the connection (ECONNREFUSED)' };
const EXPIRED = {
  code: 'tls-expired',
  phrase: 'the certificate is not valid today',
  sinceMs: LONG_AGO_MS,
};

const targetOf = (address: string, sinceMs: number, isDown: boolean): TargetHealth => ({
  health: isDown ? 'down' : 'up',
  sinceMs,
  address,
  freshMs: NOW_MS,
});

const causesOf = (down: { code: string; phrase: string } | undefined, sinceMs: number): Causes => ({
  byVantage: Object.fromEntries(
    VANTAGES.map((vantage) => [
      vantage,
      down === undefined
        ? { outcome: 'passed' as const, code: 'ok', phrase: 'status 200 in 14 ms', sinceMs }
        : { outcome: 'failed' as const, ...down, sinceMs },
    ]),
  ),
  ...(down && { failing: [down.code] }),
  certificate: { expiresMs: NOW_MS + 61 * 86_400_000, seenMs: NOW_MS },
});

const stateOf = (site: Site, { down = {}, held, incident }: Told): SiteState => {
  const sinceOf = (server: string) =>
    down[server] === undefined ? LONG_AGO_MS : (down[server].sinceMs ?? DIED_MS);
  return {
    ...emptyState(),
    targets: Object.fromEntries(
      site.servers.map(({ name, ipv4 }) => [
        name,
        targetOf(ipv4[0] ?? '', sinceOf(name), down[name] !== undefined),
      ]),
    ),
    causes: Object.fromEntries(site.servers.map(({ name }) => [name, causesOf(down[name], sinceOf(name))])),
    ...(incident && { incident: { id: incident, openedMs: DIED_MS } }),
    ...(held && {
      override: {
        by: held.by,
        reason: held.reason,
        askedMs: NOW_MS - 3_600_000,
        epoch: 2,
        mode: { mode: 'held' as const, untilMs: held.untilMs },
      },
    }),
  };
};

const viewOf = (site: Site, { serving = 'primary', held }: Told): ZoneView => {
  const address = site.servers.find(({ name }) => name === serving)?.ipv4[0] ?? '';
  const records: RecordSet[] = [{ name: site.name, type: 'A', ttlSeconds: 60, values: [address] }];
  const given: Omit<Role, 'set'> = {
    epoch: 2,
    serving,
    sinceSeconds: serving === 'primary' ? LONG_AGO_MS / 1000 : MOVED_MS / 1000,
    ...(held === undefined ? { mode: 'auto' } : { mode: 'held', untilSeconds: held.untilMs / 1000 }),
  };
  const role = sealed(given, records);
  return { kind: 'ours', role, roleRecord: roleRecordOf(site, role), records };
};

/** One site of that night. Its addresses follow from its number. */
export const siteOfNight = (name: string, number: number, told: Told) => {
  const host = 1 + (number % 250);
  const site = virtualSite(name, {
    tags: told.tags ?? [number % 2 === 0 ? 'shop' : 'blog'],
    servers: [
      { name: 'primary', ipv4: [`${told.network ?? '203.0.113'}.${host}`], ipv6: [] },
      { name: 'standby', ipv4: [`192.0.2.${host}`], ipv6: [] },
    ],
  });
  return statusOf(site, {
    nowMs: NOW_MS,
    state: stateOf(site, told),
    view: viewOf(site, told),
    silent: false,
  });
};

const RACK = '198.51.100';

/** 147 fine, three of them without a standby; 50 failed over; two down; one held while it is down. */
export const massFailure = (count = 200): StatusDocument => {
  const letters = (number: number) =>
    `${'abcdefghij'[Math.floor(number / 20) % 10]}${String(number).padStart(2, '0')}`;
  const moved: Told = { network: RACK, down: { primary: REFUSED }, serving: 'standby' };
  const sites = Array.from({ length: count - 3 }, (_, number) => {
    if (number < 50) return siteOfNight(letters(number), number, { ...moved, incident: `rack-tk${number}` });
    const isAlone = number % 49 === 13;
    return siteOfNight(
      letters(number),
      number,
      isAlone ? { down: { standby: { ...REFUSED, sinceMs: LONG_AGO_MS } } } : {},
    );
  });
  const apart = [
    siteOfNight('shop', 200, {
      network: RACK,
      down: { primary: REFUSED, standby: REFUSED },
      incident: 'shop-tk3f',
    }),
    siteOfNight('blog', 201, {
      network: RACK,
      down: { primary: REFUSED, standby: EXPIRED },
      incident: 'blog-tk3g',
    }),
    siteOfNight('api', 202, {
      network: RACK,
      down: { primary: REFUSED },
      held: { by: 'oncall-b', reason: 'db migration, ticket 4711', untilMs: Date.UTC(2026, 10, 22, 23) },
      incident: 'api-tk3h',
    }),
  ];
  return statusDocument(
    {
      deployment: 'main',
      nowMs: NOW_MS,
      decidedMs: NOW_MS - 3000,
      silentControllers: 0,
      vantages: { of: 3, blind: [] },
      controllers: 'The last round started at 2026-11-22 21:14:04 UTC.',
    },
    [...apart, ...sites],
  );
};
