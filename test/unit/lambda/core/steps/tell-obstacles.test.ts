import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { emptyState, parseState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import { tellObstacles } from '../../../../../lambda/core/steps/tell-obstacles.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { inWords } from '../../../../support/in-words.ts';

const primary = { name: 'primary', ipv4: ['203.0.113.10'], ipv6: [] };
const standby = { name: 'standby', ipv4: [], ipv6: [], hostname: 'standby.hosting.test' };
const third = { name: 'third', ipv4: ['192.0.2.30'], ipv6: [] };
const site = virtualSite('www', { servers: [primary, standby] });
const NOW_MS = Date.UTC(2026, 10, 29);

const record = (type: string): RecordSet => ({ name: site.name, type, ttlSeconds: 300, values: ['"x"'] });

/** The state, as the next controller reads it, after a round in which the zone listed records of these types beside the site's. */
const after = (
  state: SiteState,
  types: string[],
  known: { listed?: boolean; stateKnown?: boolean; servers?: (typeof site)['servers'] } = {},
): SiteState => {
  const { listed = true, stateKnown = true, servers = site.servers } = known;
  const others = types.map(record);
  const records = [{ name: site.name, type: 'A', ttlSeconds: 60, values: ['203.0.113.10'] }];
  const view = {
    kind: 'adoptable' as const,
    serving: 'primary',
    records,
    ...(others.length > 0 && { others }),
  };
  const seen = {
    site: { ...site, servers },
    view,
    nowMs: NOW_MS,
    listed,
    stateKnown,
  };
  return (
    parseState(JSON.stringify(tellObstacles(seen, state))) ??
    assert.fail('it is stored so that it can be read')
  );
};

const mails = (state: SiteState) => inWords(site, virtualConfig([site]), state);
const subjects = (state: SiteState): string[] =>
  mails(state)
    .filter(({ kind }) => kind === 'server-blocked')
    .map(({ subject }) => subject.replace(/ \[\S+\]$/, ''));

for (const type of ['TXT', 'MX', 'CAA', 'HTTPS'])
  test(`a ${type} record in the way of a CNAME is told once when it appears and once when it is gone`, () => {
    let state = emptyState();
    for (let round = 0; round < 3; round++) state = after(state, [type]);
    assert.deepEqual(subjects(state), [
      'BLOCKED www.dyn.example.net: a record blocks standby, nothing would take over',
    ]);
    const text = mails(state)[0]?.text ?? '';
    assert.match(text, new RegExp(`${site.name} has ${type} records, and DNS allows none beside a CNAME`));
    assert.match(text, /What that means If the serving server died now, nothing would take over\./);
    state = after(state, [type, 'MX']);
    assert.equal(subjects(state).length, 1, 'another one in the same way is no news');
    for (let round = 0; round < 3; round++) state = after(state, []);
    assert.deepEqual(subjects(state).slice(1), [
      'BACK www.dyn.example.net: no record blocks standby any more',
    ]);
    assert.equal(state.told.obstacles, undefined);
    assert.equal(
      subjects(after({ ...state, outbox: [] }, [type])).length,
      1,
      'when it comes back it is news',
    );
  });

test("servers that are left are named, and what stands in nobody's way is not told", () => {
  const servers = [primary, standby, third];
  const state = after(emptyState(), ['TXT'], { servers });
  const [outbox] = inWords({ ...site, servers }, virtualConfig([site]), state);
  assert.match(outbox?.subject ?? '', /a record blocks standby \[/);
  assert.match(outbox?.text ?? '', /If the serving server died now, the site could move to third alone\./);
  const empty = emptyState();
  assert.deepEqual(after(empty, ['TXT'], { servers: [primary, third] }), empty);
});

test('nothing is told, and nothing forgotten, where the zone was not listed or what was told is not known', () => {
  const told = after(emptyState(), ['TXT']);
  assert.deepEqual(after(told, [], { listed: false }), told);
  assert.deepEqual(after(emptyState(), ['TXT'], { stateKnown: false }), emptyState());
});

test('a server that is taken out of the configuration is forgotten without a word', () => {
  const state = after({ ...after(emptyState(), ['TXT']), outbox: [] }, ['TXT'], {
    servers: [primary, third],
  });
  assert.deepEqual([state.outbox, state.told.obstacles], [[], undefined]);
});
