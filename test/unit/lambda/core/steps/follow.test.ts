import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Propagation } from '../../../../../lambda/core/state/propagation.ts';
import {
  emptyState,
  type Intent,
  parseState,
  type SiteState,
} from '../../../../../lambda/core/state/site-state.ts';
import { follow, type Known, propagationOf } from '../../../../../lambda/core/steps/follow.ts';
import { formatRole, type Role, roleRecordName } from '../../../../../lambda/core/zone/role-record.ts';
import { desiredRecords, type ZoneView } from '../../../../../lambda/core/zone/zone-view.ts';
import { inWords, worded } from '../../../../support/in-words.ts';

const site = virtualSite('www');
const config = virtualConfig([site]);
const T0 = Date.UTC(2026, 10, 22);

const ours = (serving: string, epoch: number): ZoneView => {
  const role: Role = { epoch, serving, mode: 'auto', set: '00000000', sinceSeconds: 1 };
  const server = site.servers.find((s) => s.name === serving) ?? site.servers[0]!;
  return {
    kind: 'ours',
    role,
    records: desiredRecords(site, server),
    roleRecord: { name: roleRecordName(site.name), type: 'TXT', ttlSeconds: 10, values: [formatRole(role)] },
  };
};

const propagation: Propagation = {
  epoch: 2,
  from: 'primary',
  to: 'standby',
  incident: 'www-1',
  detectedMs: T0,
  decidedMs: T0 + 10_000,
  acceptedMs: T0 + 10_100,
};
const state = (given: Partial<Propagation> = {}): SiteState => ({
  ...emptyState(),
  propagation: { ...propagation, ...given },
});
const passed = { outcome: 'passed' as const, code: 'ok', detail: '200', totalMs: 40 };
const look = (atMs: number) => ({
  startMs: atMs,
  full: true,
  sightings: {
    'eu-west-2': { standby: passed },
    'eu-west-1': { standby: { ...passed, outcome: 'failed' as const } },
  },
});
const known = (given: Partial<Known> = {}): Known => ({
  view: ours('standby', 2),
  edited: false,
  look: undefined,
  heard: { saying: {} },
  nowMs: T0 + 20_000,
  ...given,
});
const ALL = { 'ns-1': T0 + 12_000, 'ns-2': T0 + 15_000 };

test('once all name servers have it and a round passed there, it is told with its times', () => {
  let next = follow(
    site,
    state(),
    known({ heard: { servers: { 'ns-1': T0 + 12_000, 'ns-2': null }, saying: {} } }),
  );
  assert.deepEqual(next.propagation?.servers, { 'ns-1': T0 + 12_000, 'ns-2': null });
  // A time once noted stays, whatever is heard later.
  next = follow(
    site,
    next,
    known({ heard: { servers: { 'ns-1': T0 + 19_000, 'ns-2': T0 + 15_000 }, saying: {} } }),
  );
  assert.deepEqual(next.propagation?.servers, ALL);
  assert.deepEqual(next.outbox, []);
  // A round that began before the last name server had it does not show what visitors get.
  next = follow(site, next, known({ look: look(T0 + 14_000) }));
  assert.ok(next.propagation !== undefined);
  next = follow(site, next, known({ look: look(T0 + 17_000) }));
  assert.equal(next.propagation, undefined);
  const [told] = inWords(site, config, next);
  assert.equal(told?.kind, 'visible');
  assert.equal(told?.incident, 'www-1');
  assert.equal(told?.subject, 'VISIBLE www.dyn.example.net: standby, 5 s after the change [www-1]');
  assert.match(told?.text ?? '', /All 2 name servers .* answer with standby \(epoch 2\)/);
  assert.match(
    told?.text ?? '',
    /fetched from standby as visitors do, at the address that they answer, from eu-west-2\./,
  );
  assert.match(told?.text ?? '', /00:00:00 UTC \+0\.0 s primary failed for the first time/);
  assert.match(told?.text ?? '', /00:00:10 UTC \+10\.0 s decided/);
  assert.match(told?.text ?? '', /00:00:10 UTC \+10\.1 s in the zone/);
  assert.match(told?.text ?? '', /00:00:15 UTC \+15\.0 s answered by the last, ns-2/);
  assert.match(
    next.history[0]?.text ?? '',
    /^epoch 2, standby: all 2 name servers .* 4\.9 s after it was accepted, 15 s after the first failure; fetched from eu-west-2$/,
  );
});

test('a time is told as the most that it can be when nobody looked in between, and never as less than none', () => {
  const table: [what: string, given: Partial<Propagation>, missedMs: number | undefined, subject: RegExp][] =
    [
      ['asked all the time', {}, T0 + 14_000, /standby, 5 s after the change \[/],
      ['never seen without it, soon', {}, undefined, /standby, 5 s after the change \[/],
      [
        'not asked since it was accepted',
        { acceptedMs: T0 - 16_000 },
        undefined,
        /, within at most 31 s after the change \[/,
      ],
      [
        'asked again late',
        { acceptedMs: T0 - 16_000 },
        T0 + 9000,
        /, within at most 31 s after the change \[/,
      ],
      [
        'slow, and asked all the time',
        { acceptedMs: T0 - 16_000 },
        T0 + 10_000,
        /standby, 31 s after the change \[/,
      ],
      [
        'accepted by a clock that is ahead',
        { acceptedMs: T0 + 16_000 },
        T0 + 14_000,
        /standby, 0 s after the change \[/,
      ],
    ];
  for (const [what, given, missedMs, subject] of table) {
    const heard = { servers: ALL, saying: {}, ...(missedMs !== undefined && { missedMs }) };
    const noted = follow(site, state(given), known({ heard }));
    assert.equal(noted.propagation?.missedMs, missedMs, what);
    assert.deepEqual(parseState(JSON.stringify(noted)), noted);
    // The process that asked is over; its successor tells it by what was stored.
    const [told] = inWords(site, config, follow(site, noted, known({ look: look(T0 + 17_000) })));
    assert.match(told?.subject ?? '', subject, what);
    assert.equal(/may have had it sooner/.test(told?.text ?? ''), /at most/.test(told?.subject ?? ''), what);
    assert.doesNotMatch(told?.text ?? '', /[+ ]-[0-9]/, what);
  }
  const before = follow(
    site,
    state(),
    known({ heard: { servers: { ...ALL, 'ns-2': null }, saying: {}, missedMs: T0 } }),
  );
  assert.equal(before.propagation?.missedMs, undefined, 'nothing is stored at each look');
});

test('a name server that disagrees a minute after INSYNC is told by name, once, and so is its end', () => {
  const heard = { servers: { 'ns-1': T0 + 12_000, 'ns-2': null }, saying: { 'ns-2': 'primary (epoch 1)' } };
  const start = state({ insyncMs: T0 + 40_000 });
  assert.deepEqual(follow(site, start, known({ heard, nowMs: T0 + 99_000 })).outbox, []);
  const late = follow(site, start, known({ heard, nowMs: T0 + 100_000 }));
  assert.equal(inWords(site, config, late)[0]?.kind, 'not-visible');
  assert.equal(
    inWords(site, config, late)[0]?.subject,
    'NOT DONE www.dyn.example.net: ns-2 still answers primary [www-1]',
  );
  assert.match(inWords(site, config, late)[0]?.text ?? '', /ns-2 answers primary \(epoch 1\)/);
  assert.match(inWords(site, config, late)[0]?.text ?? '', /60 s after INSYNC/);
  assert.equal(follow(site, late, known({ heard, nowMs: T0 + 200_000 })).outbox.length, 1);
  const done = follow(
    site,
    late,
    known({
      heard: { servers: { ...ALL, 'ns-2': T0 + 300_000 }, saying: {}, missedMs: T0 + 299_000 },
      look: look(T0 + 301_000),
      nowMs: T0 + 302_000,
    }),
  );
  assert.equal(
    inWords(site, config, done)[1]?.subject,
    'VISIBLE www.dyn.example.net: standby, 5 min after the change [www-1]',
  );
  // What never ends is left after an hour, with a word in the history.
  const never = follow(site, late, known({ heard, nowMs: T0 + 3_700_000 }));
  assert.equal(never.propagation, undefined);
  assert.match(never.history.at(-1)?.text ?? '', /given up/);
});

test('without INSYNC it is late after three minutes; unknown name servers are told as unknown', () => {
  const heard = { saying: {}, fault: 'DNS delegation: nobody answers' };
  assert.deepEqual(follow(site, state(), known({ heard, nowMs: T0 + 180_000 })).outbox, []);
  const late = follow(site, state(), known({ heard, nowMs: T0 + 191_000 }));
  assert.equal(
    inWords(site, config, late)[0]?.subject,
    'NOT PROVEN www.dyn.example.net: its name servers could not be found out [www-1]',
  );
  assert.match(inWords(site, config, late)[0]?.text ?? '', /not called the change INSYNC yet/);
  assert.match(inWords(site, config, late)[0]?.text ?? '', /nobody answers/);
});

test('resolvers are waited for until the old answer is over; what is slow is told', () => {
  const heard = { servers: ALL, resolvers: { '9.9.9.9': T0 + 30_000, '192.0.2.53': null }, saying: {} };
  const waits = follow(site, state(), known({ heard, look: look(T0 + 17_000), nowMs: T0 + 74_000 }));
  assert.ok(waits.propagation !== undefined);
  const done = follow(site, waits, known({ heard, look: look(T0 + 17_000), nowMs: T0 + 75_000 }));
  assert.equal(inWords(site, config, done)[0]?.kind, 'visible');
  assert.match(
    inWords(site, config, done)[0]?.text ?? '',
    /192\.0\.2\.53 still had the old answer when its TTL was over/,
  );
  assert.match(inWords(site, config, done)[0]?.text ?? '', /answered by the resolver 9\.9\.9\.9/);
});

test('a site that is not seen there is not called visible', () => {
  const heard = { servers: ALL, saying: {} };
  assert.ok(follow(site, state(), known({ heard, nowMs: T0 + 74_000 })).propagation !== undefined);
  const unseen = follow(site, state(), known({ heard, nowMs: T0 + 75_000 }));
  assert.equal(inWords(site, config, unseen)[0]?.kind, 'not-visible');
  assert.match(inWords(site, config, unseen)[0]?.subject ?? '', /^NOT FETCHED www/);
});

test('a host of another name has to lead to the site', () => {
  const visited = { ...site, host: 'www.example.net' };
  const at = (hostLeads: boolean | undefined, nowMs: number) => {
    const heard = { servers: ALL, saying: {}, ...(hostLeads === undefined ? {} : { hostLeads }) };
    const next = follow(visited, state(), known({ heard, look: look(T0 + 17_000), nowMs }));
    return inWords(visited, config, next)[0];
  };
  assert.match(at(true, T0 + 20_000)?.subject ?? '', /VISIBLE/);
  assert.equal(at(undefined, T0 + 20_000), undefined);
  assert.match(at(undefined, T0 + 75_000)?.text ?? '', /could not be asked/);
  assert.match(at(false, T0 + 75_000)?.subject ?? '', /NOT FETCHED/);
  assert.match(
    at(false, T0 + 75_000)?.text ?? '',
    /www\.example\.net does not lead to www\.dyn\.example\.net/,
  );
});

test('what overtakes a proof ends it, and a swap of the role record alone does not', () => {
  const end = (given: Partial<Known>) => follow(site, state(), known(given));
  assert.match(end({ view: ours('primary', 3) }).history[0]?.text ?? '', /primary serves by now/);
  assert.match(end({ edited: true }).history[0]?.text ?? '', /edited by hand/);
  assert.match(end({ view: ours('standby', 1) }).history[0]?.text ?? '', /went back/);
  assert.ok(end({ view: ours('standby', 3) }).propagation !== undefined);
  assert.ok(end({ view: undefined }).propagation !== undefined);
  assert.equal(end({ view: ours('primary', 3) }).propagation, undefined);
});

test('a listing from before the write says nothing of it: another controller has written since', () => {
  const server = site.servers[1]!;
  const written = { epoch: 2, role: '', records: desiredRecords(site, server) };
  const stored = { ...state(), written };
  for (const view of [ours('primary', 1), ours('standby', 1)])
    assert.deepEqual(follow(site, stored, known({ view })), stored);
  assert.match(
    follow(site, stored, known({ view: ours('primary', 3) })).history[0]?.text ?? '',
    /serves by now/,
  );
});

test('records that were created or rewritten are proven for the history, and told only when that fails', () => {
  const heard = { servers: ALL, saying: {} };
  for (const from of [null, 'standby']) {
    const done = follow(site, state({ from }), known({ heard, look: look(T0 + 17_000) }));
    assert.deepEqual(done.outbox, []);
    assert.equal(done.history[0]?.what, 'visible');
    const late = follow(site, state({ from }), known({ nowMs: T0 + 191_000 }));
    assert.equal(inWords(site, config, late)[0]?.kind, 'not-visible');
  }
});

test('a landed intent owes a proof with what is known of its times, and the state survives storing', () => {
  const intent: Intent = {
    nonce: 'n',
    epoch: 2,
    from: 'primary',
    to: 'standby',
    reason: 'failover',
    row: 10,
    act: 'serve',
    evidenceMs: T0,
    decidedMs: T0 + 10_000,
    role: '',
    records: [],
    notice: worded('failover', { atMs: T0 }),
  };
  const before: SiteState = {
    ...emptyState(),
    targets: { primary: { health: 'down', sinceMs: T0 + 9000, firstMs: T0, address: 'a', freshMs: T0 } },
    unpublished: { changeId: 'C', epoch: 2, acceptedMs: T0 + 10_100 },
  };
  assert.deepEqual(propagationOf(intent, before, T0 + 11_000), propagation);
  // Of a change whose acceptance nobody saw, only when it was found is known.
  assert.equal(propagationOf(intent, emptyState(), T0 + 11_000).acceptedMs, T0 + 11_000);
  const stored = state({ servers: { 'ns-1': null }, resolvers: {}, lateTold: true });
  assert.deepEqual(parseState(JSON.stringify(stored)), stored);
});
