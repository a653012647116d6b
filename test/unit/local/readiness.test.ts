import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Site } from '../../../lambda/core/site/site.ts';
import type { Health } from '../../../local/events.ts';
import { trackReadiness } from '../../../local/readiness.ts';

const site = (name: string, ...extraNames: string[]): Site =>
  ({ name, names: [name, ...extraNames], zone: 'test' }) as Site;

/** What a round saw of `a.test` and `b.test`, which names are listed, and whether all is ready then. */
const cases: [string, { a?: Health[]; b?: Health[] }, string[], boolean][] = [
  ['nothing was seen', {}, ['a.test', 'www.a.test', 'b.test'], false],
  ['one site was not seen', { a: ['up', 'up'] }, ['a.test', 'www.a.test'], false],
  [
    'both are up and listed',
    { a: ['up', 'up'], b: ['down', 'up'] },
    ['a.test', 'www.a.test', 'b.test'],
    true,
  ],
  ['an extra name is not listed', { a: ['up'], b: ['up'] }, ['a.test', 'b.test'], false],
  [
    'nothing is listed of a site that is wholly down',
    { a: ['up'], b: ['down', 'down'] },
    ['a.test', 'www.a.test'],
    true,
  ],
  ['a site is not settled', { a: ['up'], b: ['down', 'unknown'] }, ['a.test', 'www.a.test', 'b.test'], false],
];

describe('ready', () => {
  for (const [title, seen, listed, expected] of cases) {
    test(`${expected ? 'when' : 'not when'} ${title}`, () => {
      const tracker = trackReadiness(
        [site('a.test', 'www.a.test'), site('b.test')],
        (zone, name) => zone === 'test' && listed.includes(name),
      );
      for (const [name, healths] of Object.entries(seen))
        tracker.saw(
          `${name}.test`,
          Object.fromEntries(healths.map((health, index) => [`s${index}`, health])),
        );
      assert.equal(tracker.justReached(), expected);
      assert.equal(tracker.justReached(), false, 'is said once');
    });
  }

  test('a site that was ready once is not waited for again', () => {
    const listed = new Set(['a.test']);
    const tracker = trackReadiness([site('a.test'), site('b.test')], (_, name) => listed.has(name));
    tracker.saw('a.test', { primary: 'up' });
    assert.equal(tracker.justReached(), false);
    tracker.saw('a.test', { primary: 'unknown' });
    tracker.saw('b.test', { primary: 'down' });
    assert.equal(tracker.justReached(), true);
  });
});
