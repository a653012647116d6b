import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { ROOT } from './defect-hook.ts';
import { DEFECTS, problemsOf, withDefect } from './defect-list.ts';
import type { Defect } from './defects/defect.ts';

const defect: Defect = { name: 'one', why: 'It breaks.', file: 'a.ts', from: 'b > 1', to: 'b >= 1' };

describe('the list of defects', () => {
  test('has only defects that can still be put in: `npm run defects` tries whether each is caught', () => {
    assert.deepEqual(
      problemsOf(DEFECTS, (file) => readFileSync(new URL(file, ROOT), 'utf8')),
      [],
    );
    assert.ok(DEFECTS.length >= 25);
  });

  test('says which ones are given twice, or find their text twice or not at all', () => {
    const problems = (source: string, ...defects: Defect[]) => problemsOf(defects, () => source).join();
    assert.equal(problems('if (b > 1) c();', defect), '');
    assert.equal(withDefect(defect, 'if (b > 1) c();'), 'if (b >= 1) c();');
    assert.match(problems('if (b > 2) c();', defect), /exactly once in a\.ts, received 0 times/);
    assert.match(problems('if (b > 1) c(b > 1);', defect), /received 2 times/);
    assert.match(problems('if (b > 1) c();', defect, defect), /received one twice/);
  });
});
