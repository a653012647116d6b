import { virtualSite, ZONE } from '../../../../../fixtures/virtual/world.ts';
import type {
  Account,
  DoctorFacts,
  NameServer,
  SiteDns,
  SiteServers,
  ZoneDns,
} from '../../../../../lambda/core/doctor/facts.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';

/** Facts of a set-up in which nothing is wrong. Each function answers a fresh copy, to be spoiled. */
export const NOW_MS = Date.UTC(2026, 10, 22);
export const SITE: Site = virtualSite('www', { host: 'www.example.net' });
const NAMES = ['ns-1.example.org', 'ns-2.example.com'];

export const server = (name: string, address: string, more: Partial<NameServer> = {}): NameServer => ({
  name,
  address,
  delegated: true,
  rcode: 'NOERROR',
  authoritative: true,
  soa: { ttlSeconds: 900, minimumSeconds: 86_400 },
  ns: { names: [...NAMES], ttlSeconds: 172_800 },
  keys: [],
  ...more,
});

export const zone = (): ZoneDns => ({
  zone: ZONE,
  parent: {
    zone: 'example.net',
    servers: ['a.example', 'b.example'].map((name, index) => ({
      name,
      address: `192.0.2.${index + 1}`,
      delegation: { names: [...NAMES], ttlSeconds: 3600 },
      ds: [],
    })),
  },
  servers: NAMES.map((name, index) => server(name, `192.0.2.${index + 11}`)),
  strayGlue: [],
});

const a = (name: string, value: string) => ({ name, type: 'A', ttlSeconds: 60, value });
export const names = (): SiteDns => ({
  site: SITE.name,
  links: [{ name: SITE.host, ttlSeconds: 3600, to: SITE.name }],
  end: 'addresses',
  addresses: [a(SITE.name, '203.0.113.10')],
  published: NAMES.map((name) => ({ server: name, records: [a(SITE.name, '203.0.113.10')] })),
  resolved: [{ resolver: '192.0.2.53', rcode: 'NOERROR', addresses: ['203.0.113.10'] }],
});

export const servers = (): SiteServers => ({
  site: SITE.name,
  standby: 'able',
  text: 'A failover from primary would find standby able to take over.',
  probes: SITE.servers.map(({ name, ipv4: [address = ''] }) => ({
    id: name,
    server: name,
    address,
    outcome: 'passed',
    code: 'ok',
    detail: '',
    certificateExpiresMs: NOW_MS + 60 * 86_400_000,
    phases: { totalMs: 10 },
  })),
});

export const account = (): Account => ({
  nowMs: NOW_MS,
  differs: [],
  sites: [
    {
      site: SITE.name,
      serving: 'primary',
      zone: 'ours',
      mode: 'auto',
      until: null,
      healths: { primary: 'up', standby: 'up' },
      incident: null,
      notes: [],
    },
  ],
  zones: [{ zone: ZONE, id: 'Z1', nameServers: [...NAMES], accelerated: 'ENABLED', others: [] }],
  topics: ['main-alerts', 'main-dead-man'].map((name) => ({
    name,
    region: 'eu-west-2',
    wanted: ['ops@example.net'],
    subscriptions: [{ protocol: 'email', endpoint: 'ops@example.net', state: 'confirmed' }],
  })),
  calls: (['write', 'announce', 'store', 'follow'] as const).map((does) => ({
    by: 'main-console',
    does,
    on: does === 'write' ? ZONE : does,
    outcome: 'allowed',
    detail: '',
  })),
  blind: [],
  vantages: 3,
  unseen: [],
  checked: { atMs: NOW_MS - 3_600_000, kept: [] },
});

export type Healthy = DoctorFacts & { account: Account };
export const healthy = (): Healthy => ({
  zones: [zone()],
  names: [names()],
  servers: [servers()],
  account: account(),
});
