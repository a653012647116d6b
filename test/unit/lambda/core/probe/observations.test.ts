import assert from 'node:assert/strict';
import { test } from 'node:test';
import { observationsIn } from '../../../../../lambda/core/probe/observations.ts';
import type { Observation, ProbeRequest } from '../../../../../lambda/core/probe/request.ts';

const probes = ['one', 'two'].map((id) => ({ id }) as ProbeRequest);
const seen = (id: string, given: object = {}): Observation => ({
  id,
  outcome: 'passed',
  code: 'ok',
  detail: 'status 200',
  status: 200,
  remoteAddress: '192.0.2.1',
  certificateExpiresMs: 9,
  certificateAuthority: 'Test Middle',
  browserHello: { outcome: 'failed', detail: 'reset' },
  phases: { dnsMs: 1, connectMs: 2, tlsMs: 3, firstByteMs: 4, totalMs: 5 },
  ...given,
});

test('what a prober observed is taken as it is, a part of it too, and words of a later version with it', () => {
  for (const observations of [
    [],
    [seen('two')],
    [seen('two'), seen('one')],
    [seen('one', { outcome: 'unknown', status: undefined, phases: { totalMs: 0 }, later: true })],
  ]) {
    assert.deepEqual(observationsIn({ observations, later: true }, probes), { observations });
  }
});

test('what is no list of observations is not read at all', () => {
  for (const answer of [
    undefined,
    null,
    'text',
    7,
    [],
    {},
    { observations: 'x' },
    { observations: { 0: seen('one') } },
  ]) {
    assert.deepEqual(observationsIn(answer, probes), { misfit: answer });
  }
});

const WRONG: [what: string, observation: unknown][] = [
  ['nothing', undefined],
  ['null', null],
  ['an empty object', {}],
  ['a list', [seen('one')]],
  ['an id that was not asked for', seen('three')],
  ['an id that is a number', seen('one', { id: 1 })],
  ['an outcome that there is not', seen('one', { outcome: 'fine' })],
  ['no outcome', seen('one', { outcome: undefined })],
  ['a code that is none', seen('one', { code: 7 })],
  ['no detail', seen('one', { detail: undefined })],
  ['a detail without end', seen('one', { detail: 'x'.repeat(1001) })],
  ['a status that is a text', seen('one', { status: '200' })],
  ['an address that is a number', seen('one', { remoteAddress: 7 })],
  ['a certificate without a date', seen('one', { certificateExpiresMs: null })],
  ['an authority that is a number', seen('one', { certificateAuthority: 7 })],
  ['a large hello that is unknown', seen('one', { browserHello: { outcome: 'unknown', detail: '' } })],
  ['no phases', seen('one', { phases: undefined })],
  ['a total that is a text', seen('one', { phases: { totalMs: '5' } })],
  ['a phase that is a text', seen('one', { phases: { totalMs: 5, dnsMs: '1' } })],
];

test('one that is none makes all of the answer worth nothing', () => {
  for (const [what, observation] of WRONG) {
    assert.deepEqual(
      observationsIn({ observations: [seen('two'), observation] }, probes),
      { misfit: observation },
      what,
    );
  }
  const twice = [seen('one'), seen('one', { outcome: 'failed' })];
  assert.deepEqual(observationsIn({ observations: twice }, probes), { misfit: twice[1] });
});
