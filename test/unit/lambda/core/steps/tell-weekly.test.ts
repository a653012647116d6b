import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../../lambda/controller/term.ts';
import {
  type DeploymentState,
  emptyDeployment,
  parseDeployment,
} from '../../../../../lambda/core/state/deployment-state.ts';
import { mergeDeployment } from '../../../../../lambda/core/state/merge-deployment.ts';
import { tellWeekly } from '../../../../../lambda/core/steps/tell-weekly.ts';
import { allInWords } from '../../../../support/in-words.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 168 * HOUR_MS;
const config = virtualConfig([virtualSite('www')], { weeklyTest: true });
/** Monday, 23 November 2026. */
const MONDAY_MS = Date.UTC(2026, 10, 23, 9);

const after = (nowMs: number, state: Partial<DeploymentState> = {}, of = config): DeploymentState =>
  tellWeekly({ ...emptyDeployment(), ...state }, nowMs, of);

describe('the weekly test message', () => {
  test('is none in the week of the first deployment', () => {
    const first = after(MONDAY_MS + HOUR_MS);
    assert.deepEqual([first.testedMs, first.outbox], [MONDAY_MS, []]);
  });

  test('comes at nine on Monday, once, and says when the next one does', () => {
    const before = after(MONDAY_MS - HOUR_MS);
    assert.equal(tellWeekly(before, MONDAY_MS - 1, config), before);
    const due = tellWeekly(before, MONDAY_MS, config);
    const [mail, ...more] = allInWords(config, due);
    assert.deepEqual(more, []);
    assert.match(mail?.subject ?? '', /^TEST main: messages arrive \[main-[a-z0-9]+\]$/);
    assert.match(mail?.text ?? '', /^2026-11-23 09:00:00 UTC: This is the weekly test of main\./);
    assert.match(mail?.text ?? '', /The next one comes at 2026-11-30 09:00:00 UTC: if it does not/);
    assert.equal(mail?.severity, 'info');
    assert.equal(tellWeekly(due, MONDAY_MS + WEEK_MS - 1, config), due);
  });

  test('that no controller was there to send comes from the first that is, once for all weeks', () => {
    const { outbox } = after(MONDAY_MS + 3 * WEEK_MS + 50 * HOUR_MS, { testedMs: MONDAY_MS });
    assert.deepEqual(
      outbox.map(({ atMs }) => atMs),
      [MONDAY_MS + 3 * WEEK_MS],
    );
  });

  test('is sent by nobody who should not', () => {
    const tested = { testedMs: MONDAY_MS - WEEK_MS };
    const second = { ...config, shard: { number: 2, of: 2, elsewhere: [] } };
    for (const other of [second, { ...config, weeklyTest: false }, virtualConfig(config.sites)])
      assert.deepEqual(after(MONDAY_MS, tested, other), { ...emptyDeployment(), ...tested });
  });

  test('does not wait for a week that only a wrong clock has seen', () => {
    const noted = after(MONDAY_MS, { testedMs: MONDAY_MS + 50 * WEEK_MS });
    assert.deepEqual([noted.testedMs, noted.outbox], [MONDAY_MS, []]);
  });

  test('of two controllers that both come by it is one', () => {
    const base = { ...emptyDeployment(), testedMs: MONDAY_MS - WEEK_MS };
    const [ours, theirs] = [after(MONDAY_MS + 200, base), after(MONDAY_MS + 900, base)];
    assert.equal(mergeDeployment(base, ours, theirs).outbox.length, 1);
    assert.deepEqual(
      mergeDeployment(base, ours, { ...theirs, outbox: [] }).outbox,
      [],
      'it was told already',
    );
  });

  test('is read again, and so is a state of before', () => {
    const state = after(MONDAY_MS, { testedMs: MONDAY_MS - WEEK_MS });
    assert.deepEqual(parseDeployment(JSON.stringify(state)), JSON.parse(JSON.stringify(state)));
    assert.deepEqual(parseDeployment(JSON.stringify(emptyDeployment())), emptyDeployment());
    assert.equal(parseDeployment(JSON.stringify({ ...state, testedMs: 'Monday' })), undefined);
  });

  test('is one mail a week over controllers that follow one another, silenced or not', async () => {
    const world = virtualWorld(config);
    const runFor = async (fromMs: number, minutes: number) => {
      await world.clock.runUntil(fromMs);
      for (let minute = 0; minute < minutes; minute++) {
        void runTerm(world.seenBy(), new Date(fromMs + minute * 60_000).toISOString());
        await world.clock.runUntil(fromMs + (minute + 1) * 60_000);
      }
    };
    await runFor(START_MS, 1);
    const document = world.store.documents.get('www.dyn.example.net') ?? assert.fail();
    const silence = {
      by: 'a',
      reason: 'b',
      askedMs: START_MS,
      untilMs: MONDAY_MS + 9 * WEEK_MS,
      suppressed: 0,
    };
    const text = JSON.stringify({ ...JSON.parse(document.text), silence });
    world.store.documents.set('www.dyn.example.net', { text, version: document.version + 1 });
    await runFor(MONDAY_MS - 120_000, 5);
    await runFor(MONDAY_MS + WEEK_MS + 60_000, 3);
    const tests = world.mails.filter(({ kind }) => kind === 'weekly-test');
    assert.deepEqual(
      tests.map(({ atMs }) => atMs),
      [MONDAY_MS, MONDAY_MS + WEEK_MS],
    );
  });
});
