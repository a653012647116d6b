import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Look, Sighting } from '../../../../../lambda/core/evidence/judge.ts';
import { evidence } from '../../../../../lambda/core/messages/wording.ts';
import type { ProbeSpec } from '../../../../../lambda/core/site/site.ts';

const PASSED: Sighting = { outcome: 'passed', code: 'ok', detail: 'as expected', status: 200, totalMs: 5.4 };
const BLOCKED: Sighting = { outcome: 'failed', code: 'blocked', detail: 'received status 403', totalMs: 5 };

const said = (seen: Sighting, probe: Partial<ProbeSpec> = {}): string => {
  const site = virtualSite('www');
  const sightings = { 'eu-west-2': { primary: seen, standby: PASSED }, 'eu-west-1': { primary: PASSED } };
  const look: Look = { startMs: 0, full: true, sightings };
  return evidence({ ...site, probe: { ...site.probe, ...probe } }, look);
};

describe('what was seen', () => {
  test('a pass tells status and time, a slow one that it is slow, and one without a status what it was', () => {
    assert.match(said(PASSED), /^ {2}primary {2}passed: status 200 in 5 ms \(all 2 vantages\)$/m);
    const slow = { ...PASSED, code: 'slow', detail: 'as expected, but slow: it took 900 ms' };
    assert.match(said(slow), /primary {2}passed: as expected, but slow: it took 900 ms \(eu-west-2\)$/m);
    const { status: _, ...bare } = { ...PASSED, detail: 'as expected: a TLS handshake' };
    assert.match(said(bare), /primary {2}passed: as expected: a TLS handshake \(eu-west-2\)$/m);
  });

  test('vantages that saw the same are named together, with the shortest and the longest time', () => {
    assert.match(said({ ...PASSED, totalMs: 61.2 }), /primary {2}passed: status 200 in 5 to 61 ms \(all 2/);
    assert.match(
      said(BLOCKED),
      /primary {2}failed: received status 403 \(eu-west-2\)\n {11}passed: status 200 in 5 ms \(eu-west-1\)$/m,
    );
    assert.match(said(PASSED), /standby {2}passed: status 200 in 5 ms \(eu-west-2\)$/m);
  });

  test('nobody is told what to allow unless probes are blocked', () => {
    assert.doesNotMatch(said({ ...BLOCKED, code: 'status' }), /blocked|allow/);
  });

  test('who is blocked is told what to allow, from where it comes, and what it counts as', () => {
    const text = said(BLOCKED);
    assert.match(text, /Let pass the User-Agent Switchover\/\*; better, give the probe a secret header/);
    assert.match(text, /from AWS Lambda in eu-west-2\. Its addresses change/);
    assert.match(text, /counts as failed; with blockedIs: 'unknown' nothing moves/);
    assert.match(said(BLOCKED, { blockedIs: 'unknown' }), /It counts as unknown/);
    assert.match(
      said(BLOCKED, { headers: { 'user-agent': 'mine' } }),
      /Let pass the User-Agent of the probe's own headers;/,
    );
    assert.match(
      said(BLOCKED, { secretHeaders: { 'X-Key': '/shop/probe-key' } }),
      /Let pass requests with the secret header X-Key\.$/m,
    );
  });
});
