import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { HEADLINES } from '../../lambda/core/state/headline.ts';

const read = (name: string): string => readFileSync(join(import.meta.dirname, '../../docs', name), 'utf8');
const page = read('first-deployment.md');
const sections = page.split(/^## /m).slice(1);
const steps = sections.filter((section) => /^\d/.test(section));

describe('the first deployment', () => {
  test('is one path of at most ten steps, numbered as they come', () => {
    assert.ok(steps.length <= 10);
    assert.deepEqual(
      steps.map((step) => Number.parseInt(step, 10)),
      steps.map((_, index) => index + 1),
    );
    assert.ok(
      sections.slice(0, steps.length).every((section) => steps.includes(section)),
      'they come first',
    );
  });

  test('says of each step what it costs and how to undo it', () => {
    for (const step of steps) assert.match(step, /^Cost: .+ Undo: .+\.$/ms, step.split('\n')[0]);
  });

  test('wakes for severities that messages have', () => {
    const [, list = ''] = /\{"severity": (\[.*?\])\}/.exec(page) ?? [];
    const known = new Set<string>(Object.values(HEADLINES));
    assert.deepEqual(JSON.parse(list), ['critical']);
    assert.ok(known.has('critical'));
  });
});
