import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { virtualSite } from '../../../../fixtures/virtual/world.ts';
import { diagnose } from '../../../../lambda/core/doctor/diagnosis.ts';
import { askDns } from '../../../../lambda/doctor/visit.ts';
import { dnsClient, dnsOfOne } from '../../../../lambda/edge/dns.ts';
import type { DnsEdge } from '../../../../lambda/ports.ts';
import { type DnsServer, startDns } from '../../../../local/dns.ts';
import { changeZone, createZone, type Zone } from '../../../../local/zone.ts';
import { type Answer, answer, zoneOf } from '../../../../local/zone-answer.ts';

/** A parent, two name servers and a resolver, each at an address of its own, all at one port. */
const [PARENT, ONE, TWO, RESOLVER, NOBODY] = [41, 42, 43, 44, 49].map((last) => `127.0.0.${last}`) as [
  string,
  string,
  string,
  string,
  string,
];
const APEX = 'dyn.site.test';
const SITE = virtualSite('www', {
  name: `www.${APEX}`,
  names: [`www.${APEX}`],
  zone: APEX,
  host: 'www.site.test',
});
const [NS_ONE, NS_TWO] = createZone(APEX).nameServers as [string, string];

const set = (name: string, type: string, values: string[], ttlSeconds = 3600) => ({
  action: 'CREATE',
  record: { name, type, ttlSeconds, values },
});
const zoneWith = (name: string, ...changes: ReturnType<typeof set>[]): Zone => {
  const outcome = changeZone(createZone(name), { changes }, { now: 0, insyncAfterMs: 0 });
  if ('refusal' in outcome) throw new Error(outcome.refusal.messages.join('\n'));
  return outcome.zone;
};

/** The world as it is now: each test spoils it and puts it back. */
const sound = () => ({
  parent: zoneWith(
    'site.test',
    set('www.site.test', 'CNAME', [SITE.name]),
    set(
      APEX,
      'NS',
      createZone(APEX).nameServers.map((name) => `${name}.`),
    ),
  ),
  child: zoneWith(APEX, set(SITE.name, 'A', ['203.0.113.10'], 60)),
  /** By name: what the resolver tells of name servers. */
  addresses: Object.fromEntries(
    createZone(APEX).nameServers.map((name, index) => [name, index % 2 === 0 ? ONE : TWO]),
  ) as Record<string, string>,
});
let now = sound();

const simple = (type: string, name: string, value: string): Answer => ({
  rcode: 'NOERROR',
  aa: false,
  answers: [{ name, type, ttlSeconds: 60, value }],
  authority: [],
});
const resolver = (name: string, type: string): Answer | undefined => {
  if (name === 'site.test' && type === 'NS') return simple('NS', name, 'ns.site.test');
  if (name === 'ns.site.test')
    return type === 'A'
      ? simple('A', name, PARENT)
      : { rcode: 'NOERROR', aa: false, answers: [], authority: [] };
  const address = now.addresses[name];
  if (address !== undefined)
    return type === 'A'
      ? simple('A', name, address)
      : { rcode: 'NOERROR', aa: false, answers: [], authority: [] };
  const found = name === 'www.site.test' ? answer(now.parent, name, type) : undefined;
  if (found !== undefined)
    return { ...found, answers: [...found.answers, ...answer(now.child, SITE.name, type).answers] };
  const zone = zoneOf([now.parent, now.child], name);
  return zone === undefined
    ? { rcode: 'NXDOMAIN', aa: false, answers: [], authority: [] }
    : answer(zone, name, type);
};

const servers: DnsServer[] = [];
let dns: DnsEdge;

before(async () => {
  const on = async (
    host: string,
    port: number,
    answers: (name: string, type: string) => Answer | undefined,
  ) => {
    const server = await startDns({ port, host, answer: answers });
    servers.push(server);
    return server.port;
  };
  const of = (zone: () => Zone) => (name: string, type: string) =>
    zoneOf([zone()], name) === undefined ? undefined : answer(zone(), name, type);
  const port = await on(RESOLVER, 0, resolver);
  await on(
    PARENT,
    port,
    of(() => now.parent),
  );
  await on(
    ONE,
    port,
    of(() => now.child),
  );
  await on(
    TWO,
    port,
    of(() => now.child),
  );
  dns = { ...dnsClient(), resolvers: [{ address: RESOLVER, port }], port };
});
after(async () => {
  await Promise.all(servers.map((server) => server.close()));
});

const found = async (
  spoil: (world: ReturnType<typeof sound>) => void = () => {},
  nameServers?: string[],
  site = SITE,
) => {
  now = sound();
  spoil(now);
  const facts = await askDns(dns, [{ name: APEX, ...(nameServers && { nameServers }) }], [site]);
  return { facts, codes: diagnose({ ...facts, servers: [] }, [site], 0).findings.map(({ code }) => code) };
};

describe('asked over the wire', () => {
  test('a sound world has nothing to find, and the way to the site is seen with every TTL', async () => {
    const { facts, codes } = await found();
    assert.deepEqual(codes, []);
    assert.deepEqual(facts.names[0]?.links, [{ name: 'www.site.test', ttlSeconds: 3600, to: SITE.name }]);
    assert.deepEqual(facts.names[0]?.addresses, [
      { name: SITE.name, type: 'A', ttlSeconds: 60, value: '203.0.113.10' },
    ]);
    assert.deepEqual(
      facts.zones[0]?.parent?.servers.map(({ address, delegation }) => [address, delegation?.ttlSeconds]),
      [[PARENT, 3600]],
    );
    assert.equal(facts.zones[0]?.servers.length, 4);
  });

  test('a record that stands in the way of a standby that is published as a CNAME, before anything is deployed', async () => {
    const named = {
      ...SITE,
      servers: SITE.servers.map((one, at) =>
        at === 0 ? one : { ...one, ipv4: [], hostname: 'standby.hosting.test' },
      ),
    };
    const propagation = (world: ReturnType<typeof sound>) => {
      world.child = zoneWith(
        APEX,
        set(SITE.name, 'A', ['203.0.113.10'], 60),
        set(SITE.name, 'TXT', ['"proof"']),
      );
    };
    assert.deepEqual((await found(() => {}, undefined, named)).codes, []);
    const { codes, facts } = await found(propagation, undefined, named);
    assert.deepEqual(codes, ['standby-blocked']);
    assert.deepEqual(facts.names[0]?.others, [
      { name: SITE.name, type: 'TXT', ttlSeconds: 3600, value: '"proof"' },
    ]);
    // With addresses on both sides nothing is in the way, and nobody is asked for it.
    assert.equal((await found(propagation)).facts.names[0]?.others, undefined);
  });

  test('no delegation', async () => {
    const { codes, facts } = await found(
      (world) => {
        world.parent = zoneWith('site.test', set('www.site.test', 'CNAME', [SITE.name]));
      },
      [NS_ONE],
    );
    assert.deepEqual(codes, ['not-delegated']);
    assert.equal(facts.names[0]?.end, 'addresses', 'the zone itself is asked all the same');
  });

  test('a server that is dead, and one that does not have the zone', async () => {
    const { codes } = await found((world) => {
      world.addresses[NS_ONE] = NOBODY;
      world.addresses[NS_TWO] = PARENT;
    });
    assert.deepEqual(codes, ['server-silent', 'server-lame']);
  });

  test('a host that leads elsewhere, and one that leads nowhere', async () => {
    const host =
      (...records: ReturnType<typeof set>[]) =>
      (world: ReturnType<typeof sound>) => {
        world.parent = zoneWith(
          'site.test',
          set(
            APEX,
            'NS',
            createZone(APEX).nameServers.map((name) => `${name}.`),
          ),
          ...records,
        );
      };
    const codes = async (...records: ReturnType<typeof set>[]) => (await found(host(...records))).codes[0];
    assert.equal(await codes(set('www.site.test', 'A', ['192.0.2.1'])), 'host-elsewhere');
    assert.equal(await codes(set('www.site.test', 'A', ['203.0.113.10'])), 'host-copied');
    assert.equal(await codes(), 'host-missing');
    const circle = [
      set('www.site.test', 'CNAME', ['b.site.test']),
      set('b.site.test', 'CNAME', ['www.site.test']),
    ];
    assert.ok((await found(host(...circle))).codes.includes('chain-loop'));
  });

  test('one program that plays all name servers is asked in their place, and nothing above it', async () => {
    now = sound();
    const only = { address: ONE, port: dns.port };
    const site = { ...SITE, host: SITE.name };
    const facts = await askDns(dnsOfOne(only), [{ name: APEX, nameServers: [NS_ONE, NS_TWO] }], [site]);
    assert.equal(facts.zones[0]?.parent, undefined);
    assert.deepEqual(
      facts.zones[0]?.servers.map(({ name, authoritative }) => [name, authoritative]),
      [
        [NS_ONE, true],
        [NS_TWO, true],
      ],
    );
    assert.deepEqual(
      diagnose({ ...facts, servers: [] }, [site], 0).findings.map(({ code }) => code),
      [],
    );
  });

  test('asks nothing once it is told to end', async () => {
    const over = AbortSignal.abort();
    const facts = await askDns(dns, [{ name: APEX }], [SITE], over);
    assert.equal(facts.names[0]?.end, 'unseen');
  });
});
