import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { storedBytes } from '../../../../../lambda/core/base/stored-bytes.ts';
import { noteCheckup } from '../../../../../lambda/core/doctor/checkup.ts';
import { type DeploymentState, emptyDeployment } from '../../../../../lambda/core/state/deployment-state.ts';
import type { Finding } from '../../../../../lambda/core/state/finding.ts';
import { tellRemoved } from '../../../../../lambda/core/steps/removed.ts';
import { tellVantages, tellWaiting, tellZones } from '../../../../../lambda/core/steps/tell-deployment.ts';
import { allInWords } from '../../../../support/in-words.ts';

const config = virtualConfig(['www', 'shop', 'api'].map((name) => virtualSite(name)));

test('a vantage that is blind to its references is told so, with what to look at', () => {
  const why = 'refused';
  const told = (code: string) => {
    const now = { blind: new Map([['eu-west-1', { rounds: 2, code, why }]]), sees: [], nowMs: 0 };
    const all = virtualConfig([virtualSite('www')], { references: ['https://www.example.org/'] });
    const state = tellVantages(emptyDeployment(), now, all);
    assert.deepEqual(state.blindFor, { 'eu-west-1': why });
    return allInWords(all, state)[0]?.text ?? '';
  };
  const references = told('unreferenced');
  assert.match(
    references,
    /Look at `references` .*https:\/\/www\.example\.org\/.*none of them answers eu-west-1/,
  );
  assert.doesNotMatch(references, /function/);
  assert.match(told('vantage-blind'), /See whether the function main-prober exists/);
});

/** What makes a deployment owe something, over and over, at a time. */
const NEWS: Record<string, (state: DeploymentState, nowMs: number, index: number) => DeploymentState> = {
  'a vantage that flaps': (state, nowMs) => {
    const blind = new Map([['eu-west-1', { rounds: 2, code: 'denied', why: 'not authorized' }]]);
    const told = tellVantages(state, { blind, sees: [], nowMs }, config);
    return tellVantages(told, { blind: new Map(), sees: ['eu-west-1'], nowMs }, config);
  },
  'a zone that cannot be read': (state, nowMs) =>
    tellZones(state, { unreadable: ['dyn.example.net'], nowMs }, config),
  'sites that wait': (state, nowMs) =>
    tellWaiting(state, { waiting: ['www.dyn.example.net'], allowed: 1, nowMs }, config),
  'sites that are removed': (state, nowMs, index) =>
    tellRemoved(state, new Map([[`gone${index}.dyn.example.net`, { serving: 'primary' }]]), config, nowMs),
  'daily checks': (state, nowMs, index) => {
    const finding: Finding = { code: `x${index}`, severity: 'error', what: 'w', why: 'y', mend: 'z' };
    return noteCheckup(state, { findings: [finding], prognoses: [] }, nowMs, config);
  },
};

for (const [what, happens] of Object.entries(NEWS))
  test(`${what} while nobody can be told for months: the oldest become one message, and it can be stored`, () => {
    let state = emptyDeployment();
    let most = 0;
    for (let index = 0; index < 1600; index += 1) {
      state = happens(state, (index + 1) * 3_600_001, index);
      if (index % 10 === 0) most = Math.max(most, storedBytes(state));
    }
    // Of the 400 KB of DynamoDB the rest of the document has its part.
    assert.ok(most < 250_000, `${most} bytes`);
    const [first, ...later] = allInWords(config, state);
    assert.equal(first?.kind, 'several');
    assert.match(first?.subject ?? '', /main: what could not be told in time/);
    assert.ok(later.length > 1);
    assert.equal(later.at(-1)?.atMs, Math.max(...state.outbox.map(({ atMs }) => atMs)));
  });
