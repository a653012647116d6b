import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sightedVantages, type Verdict, verdictOn } from '../../../../../lambda/core/evidence/judge.ts';
import { quorum } from '../../../../../lambda/core/site/site.ts';
import { KEY, lookOf } from '../looks.ts';

test('a quorum is more than half of all configured vantages', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 7].map(quorum), [1, 2, 2, 3, 3, 4, 4]);
});

describe('verdict: more than half of all configured vantages agree', () => {
  const verdicts: [letters: string, verdict: Verdict, vantages?: number][] = [
    ['PPP', 'passed'],
    ['PPF', 'passed'],
    ['PPU', 'passed'],
    ['PP.', 'passed'],
    ['FFP', 'failed'],
    ['FFU', 'failed'],
    ['FPU', 'none'],
    ['PUU', 'none'],
    ['FUU', 'none'],
    ['UUU', 'none'],
    ['P..', 'none'],
    ['F..', 'none'],
    ['---', 'none'],
    ['FF-', 'failed'],
    ['FFPP', 'none', 4],
    ['FFU.', 'none', 4],
    ['FFF.', 'failed', 4],
    ['PPFF', 'none', 4],
    ['FF..', 'none', 4],
    ['P', 'passed', 1],
    ['F', 'failed', 1],
    ['PP', 'passed', 2],
    ['PU', 'none', 2],
    ['FU', 'none', 2],
    ['F.', 'none', 2],
    ['FFFUU', 'failed', 5],
    ['FFUUU', 'none', 5],
  ];
  for (const [letters, verdict, vantages = 3] of verdicts) {
    test(`${letters} of ${vantages}: ${verdict}`, () => {
      assert.equal(verdictOn(lookOf(0, letters), KEY, vantages), verdict);
    });
  }
});

test('a vantage has seen something when any server of the site passed or failed', () => {
  const look = lookOf(0, 'PFU-.');
  assert.deepEqual(sightedVantages(look), ['v0', 'v1']);
  look.sightings.v2 = {
    ...look.sightings.v2,
    standby: { outcome: 'failed', code: '', detail: '', totalMs: 1 },
  };
  assert.deepEqual(sightedVantages(look), ['v0', 'v1', 'v2']);
});
