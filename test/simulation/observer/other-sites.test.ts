import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planOf, START_MS } from '../world/plan.ts';
import type { Episode, Trouble } from '../world/troubles.ts';
import { newChronicle, type SiteChronicle, type Write } from './chronicle.ts';
import { delayedElsewhere, quietNightMs } from './other-sites.ts';

const SECOND = 1000;
const DIED_S = 300;
const ENDS_S = 900;
/** A world of three sites or more in two zones or more, for its configuration alone. */
const PLAN = planOf(4);
const [SITE, ELSEWHERE] = PLAN.config.sites as [(typeof PLAN.config.sites)[0], (typeof PLAN.config.sites)[0]];
const zoneOf = ({ zone }: typeof SITE) => PLAN.config.zones.findIndex(({ name }) => name === zone);

const DEAD: Trouble = { kind: 'server', site: 0, server: 0, answer: 'refuses' };
const onRoute53 = (zones: number[], calls: string[], fate: 'lost' | 'late' = 'lost'): Trouble => ({
  kind: 'edge',
  edge: 'zone',
  calls,
  fate,
  chance: 1,
  lateMs: 0,
  only: { zones },
});
const onTopic: Trouble = { kind: 'edge', edge: 'topic', fate: 'lost', chance: 1, lateMs: 0 };
const onTable: Trouble = { kind: 'edge', edge: 'store', fate: 'lost', chance: 1, lateMs: 0 };

type Told = { afterS: number; kind: string };

/** What the observer says of a primary that died, when there was this trouble, and the site was moved and people were told so late. */
const judged = (
  troubles: Trouble[],
  { movedS, told = [] }: { movedS?: number; told?: Told[] } = {},
): string => {
  const all = [DEAD, ...troubles];
  const episodes = all.map((trouble, id): Episode => {
    const fromMs = (id === 0 ? DIED_S : DIED_S - 10) * SECOND;
    return { id, fromMs, toMs: ENDS_S * SECOND, trouble };
  });
  const plan = { ...PLAN, episodes };
  const chronicle = newChronicle(plan.config.sites, episodes, START_MS);
  const at = (seconds: number) => START_MS + seconds * SECOND;
  const write = (seconds: number, from: string | undefined, to: string) =>
    ({
      applied: { atMs: at(seconds) },
      from,
      to,
      site: SITE,
      before: [],
      after: [{ name: SITE.name, type: 'A', ttlSeconds: 60, values: [to] }],
      roleAfter: { serving: to, mode: 'auto' },
    }) as unknown as Write;
  const record = chronicle.sites.get(SITE.name) as SiteChronicle;
  record.writes.push(write(60, undefined, 'primary'));
  if (movedS !== undefined) record.writes.push(write(DIED_S + movedS, 'primary', 'standby'));
  for (const { afterS, kind } of told) {
    const atMs = at(DIED_S + afterS);
    chronicle.mails.push({ atMs, happenedMs: atMs, kind, site: SITE.name, subject: '', text: '' });
  }
  const look = { chronicle, plan, sites: plan.config.sites, listing: [], nowMs: at(DIED_S + 120) };
  return delayedElsewhere(look, new Set(), () => {})?.text.split('\n')[0] ?? 'all is well';
};

const NOT_MOVED = 'it was not moved in time';
const NOT_TOLD = 'nobody was told in time what became of it';
const WELL = 'all is well';
const IN_TIME = { movedS: 15, told: [{ afterS: 16, kind: 'failover' }] };

describe('the observer of rule 9', () => {
  test('asks that a dead server is left and people are told, and of nothing that is not so', () => {
    assert.equal(judged([]), NOT_MOVED);
    assert.equal(judged([], { movedS: 15 }), NOT_TOLD);
    assert.equal(judged([], IN_TIME), WELL);
    assert.equal(judged([], { movedS: 100, told: [{ afterS: 101, kind: 'failover' }] }), NOT_MOVED);
    const unsure = { ...IN_TIME, told: [...IN_TIME.told, { afterS: 20, kind: 'unsure' }] };
    assert.equal(judged([], unsure), 'people were told what is not so: unsure');
  });

  test('takes nothing for an excuse that happens elsewhere, nor the table, nor GetChange', () => {
    const elsewhere = zoneOf(ELSEWHERE);
    assert.notEqual(elsewhere, zoneOf(SITE));
    for (const trouble of [
      onRoute53([elsewhere], ['list']),
      onRoute53([elsewhere], ['list', 'change', 'changeStatus']),
      onRoute53([zoneOf(SITE)], ['changeStatus']),
      onTable,
      { ...onTopic, only: { sites: [1] } },
      { kind: 'server', site: 1, server: 'all', answer: 'hangs' },
      { kind: 'vantage', vantages: PLAN.config.vantages.slice(0, 1), how: 'lost', chance: 1 },
      { kind: 'names', how: 'away' },
      { kind: 'changes', how: 'held' },
    ] as Trouble[])
      assert.equal(judged([trouble]), NOT_MOVED, JSON.stringify(trouble));
  });

  test('asks for word alone where its own zone cannot be changed, and for the move alone where its mails are not taken', () => {
    for (const calls of [['list'], ['change']]) {
      const own = onRoute53([zoneOf(SITE)], calls);
      assert.equal(judged([own]), NOT_TOLD);
      assert.equal(judged([own], { told: [{ afterS: 18, kind: 'write-refused' }] }), WELL);
    }
    assert.equal(judged([onTopic]), NOT_MOVED);
    assert.equal(judged([onTopic], { movedS: 15 }), WELL);
  });

  test('asks for nothing where nobody can say what should have been', () => {
    for (const trouble of [
      onRoute53([zoneOf(SITE)], ['change'], 'late'),
      { kind: 'server', site: 0, server: 1, answer: 'refuses' },
      { kind: 'vantage', vantages: PLAN.config.vantages, how: 'lost', chance: 1 },
      { kind: 'process', how: 'crash', chance: 0.05, frozenMs: 0 },
      { kind: 'schedule', how: 'none', byMs: 0 },
      { kind: 'deploy', site: 0, how: 'ttl', server: 0 },
    ] as Trouble[])
      assert.equal(judged([trouble]), WELL, JSON.stringify(trouble));
  });

  test('reckons with a controller that begins while the looks are counted', () => {
    const episode = { id: 0, fromMs: DIED_S * SECOND, toMs: ENDS_S * SECOND, trouble: DEAD };
    const chronicle = newChronicle(PLAN.config.sites, [episode], START_MS);
    const limit = (scheduleMs: number) =>
      quietNightMs(chronicle, { episode, index: 0, zone: 0, site: SITE, plan: { ...PLAN, scheduleMs } });
    const [soon, late] = [limit(20 * SECOND), limit(59 * SECOND)];
    assert.ok(soon > late && soon - late < 30 * SECOND, `${soon} ${late}`);
  });
});
