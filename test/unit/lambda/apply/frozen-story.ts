import assert from 'node:assert/strict';
import { type Life, newLife } from '../../../../fixtures/virtual/mishaps.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import type { RecordSet } from '../../../../lambda/core/zone/records.ts';
import { parseRole } from '../../../../lambda/core/zone/role-record.ts';
import { zoneViewOf } from '../../../../lambda/core/zone/zone-view.ts';
import type { World } from '../../../../lambda/ports.ts';

/**
 * A failover while one controller is stopped for ten minutes before any one of its steps, with everything that may happen
 * meanwhile: the next controllers go on without it, people hold, pin and edit, and the primary comes back.
 */

const PRIMARY = { name: 'primary', ipv4: ['203.0.113.10'], ipv6: ['2001:db8::10'] };
const STANDBY = { name: 'standby', ipv4: ['198.51.100.20'], ipv6: ['2001:db8::20'] };
const SITE = virtualSite('www', { servers: [PRIMARY, STANDBY] });
const NAME = SITE.name;
const FROZEN_MS = 600_000;
const EDITED = '192.0.2.99';

/** Steps of a controller that reach the outside and belong to a write. */
const STEPS = ['list', 'save', 'change', 'publish'] as const;

/** The world of a controller that is stopped before its step number `at`, counted from the moment at which the primary dies. */
const stopping = (world: VirtualWorld, life: Life, at: number, counted: { steps: string[] }): World => {
  const seen = world.mortal(life, 0);
  const wrap = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, member]) => [
        name,
        typeof member !== 'function' || !(STEPS as readonly string[]).includes(name)
          ? member
          : (...args: unknown[]) => {
              if (world.servers.has('203.0.113.10')) {
                if (counted.steps.length === at) life.frozenUntilMs = world.clock.now() + FROZEN_MS;
                counted.steps.push(name);
              }
              return member.apply(part, args);
            },
      ]),
    ) as T;
  return { ...seen, zones: wrap(seen.zones), store: wrap(seen.store), topic: wrap(seen.topic) };
};

const siteRecords = (listing: RecordSet[]): string =>
  listing
    .filter(({ name, type }) => name === NAME && type !== 'TXT')
    .map(({ type, values }) => `${type} ${values}`)
    .sort()
    .join(', ');
const WHOLE = [PRIMARY, STANDBY].map(({ ipv4, ipv6 }) => `A ${ipv4}, AAAA ${ipv6}`);
const roleOf = (world: VirtualWorld) =>
  parseRole(world.listing().find(({ type }) => type === 'TXT')?.values[0] ?? '');

type Meanwhile = { what: string; run: (world: VirtualWorld) => unknown; ends: (world: VirtualWorld) => void };

const serves = (server: string, mode: string) => (world: VirtualWorld) => {
  const role = roleOf(world);
  assert.equal(`${role?.serving} ${role?.mode}`, `${server} ${mode}`);
  assert.equal(zoneViewOf(SITE, world.listing(), undefined).kind, 'ours');
};
const say = (event: object) => (world: VirtualWorld) =>
  answerCommand(world.seenBy(), { site: NAME, reason: 'attack', by: 'ops', ...event });

const MEANWHILE: Meanwhile[] = [
  { what: 'nothing else happens', run: () => {}, ends: serves('standby', 'auto') },
  {
    what: 'a person pins the primary, which is repaired',
    run: (world) => {
      world.servers.clear();
      return say({ action: 'pin', server: 'primary', force: true })(world);
    },
    ends: serves('primary', 'pinned'),
  },
  {
    what: 'a person edits the address',
    run: (world) => {
      const record = world.listing().find(({ type }) => type === 'A') as RecordSet;
      const edited = { ...record, values: [EDITED] };
      world.edit([
        { action: 'DELETE', record },
        { action: 'CREATE', record: edited },
      ]);
    },
    ends: (world) => assert.match(siteRecords(world.listing()), new RegExp(EDITED)),
  },
];

/** Runs it, and checks after each change of the zone that the site is whole and the epoch goes up. */
export const attack = async (at: number, what: string): Promise<string[]> => {
  const { run, ends } = MEANWHILE.find((one) => one.what === what) as Meanwhile;
  const world = virtualWorld(virtualConfig([SITE], { intervalSeconds: 30 }));
  const counted = { steps: [] as string[] };
  const lives: Life[] = [];
  let epoch = 0;
  world.onChange = (apply) => {
    apply();
    const role = roleOf(world);
    assert.ok((role?.epoch ?? 0) > epoch, `epoch ${role?.epoch} after ${epoch}`);
    epoch = role?.epoch ?? 0;
    const records = siteRecords(world.listing());
    assert.ok(WHOLE.includes(records) || records.includes(EDITED), records);
  };
  const steps: [atS: number, step: () => unknown][] = [
    [70, () => ['203.0.113.10', '2001:db8::10'].map((address) => world.servers.set(address, 'refuses'))],
    // Whatever the stopped controller has sent or not by then.
    [150, () => run(world)],
  ];
  for (let minute = 0; minute < 13; minute++) {
    steps.push([
      minute * 60 + 0.4,
      () => {
        const life = newLife();
        lives.push(life);
        const seen = minute === 1 ? stopping(world, life, at, counted) : world.mortal(life, 0);
        void runTerm(seen, new Date(START_MS + minute * 60_000).toISOString());
      },
    ]);
  }
  for (const [atS, step] of steps.sort(([a], [b]) => a - b)) {
    await world.clock.runUntil(START_MS + atS * 1000);
    await Promise.race([step(), new Promise((resolve) => setImmediate(resolve))]);
  }
  await world.clock.runUntil(START_MS + 800_000);
  ends(world);
  const switches = world.lines.filter((line) => line.event === 'switch' && line.reason === 'failover');
  for (const line of switches) {
    const told = world.mails.filter(({ kind }) => kind === 'failover' || kind === 'found');
    assert.ok(told.length >= 1, `nobody was told of ${JSON.stringify(line)}`);
  }
  assert.equal(world.lines.filter((line) => line.event === 'error' && line.code === 'internal').length, 0);
  return counted.steps;
};

/** What may happen meanwhile. */
export const MEANWHILES: readonly string[] = MEANWHILE.map(({ what }) => what);
