import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { LogLine } from '../../../lambda/contract.ts';
import type { Config, Site } from '../../../lambda/core/site/site.ts';
import { functionFailure, type Happening, readLine } from '../../../local/events.ts';

const AT = '2026-11-22T18:59:43.120Z';
const CAME = '2026-11-22T18:59:43.125Z';

const site = (name: string): Site =>
  ({ name, servers: [{ name: 'primary' }, { name: 'standby' }, { name: 'third' }] }) as Site;
const config = { sites: [site('a.test'), site('b.test')] } as Config;
const from = { function: 'main-controller', region: 'eu-west-2' };

const read = (line: string | LogLine | object): Happening[] =>
  readLine(config, { ...from, line: typeof line === 'string' ? line : JSON.stringify(line) }, CAME);

const allUp = { primary: 'up', standby: 'up', third: 'up' };
const round = (sites: object, healthy: string[] | number) => ({
  event: 'round',
  at: AT,
  vantages: ['eu-west-1'],
  sites,
  healthy,
});
const roundOf = (name: string, healths: object) => ({
  event: 'round',
  at: AT,
  site: name,
  vantages: ['eu-west-1'],
  healths,
});

describe('a line that a function prints', () => {
  const troubled = { primary: 'down', standby: 'up', third: 'unknown' };
  const cases: [string, string | object, object[]][] = [
    [
      'a healthy round',
      round({}, ['a.test', 'b.test']),
      [roundOf('a.test', allUp), roundOf('b.test', allUp)],
    ],
    ['a round of one site', round({ 'b.test': troubled }, []), [roundOf('b.test', troubled)]],
    [
      'a mixed round',
      round({ 'b.test': troubled }, ['a.test']),
      [roundOf('a.test', allUp), roundOf('b.test', troubled)],
    ],
    [
      'a round with the number of all others',
      round({ 'b.test': troubled }, 1),
      [roundOf('a.test', allUp), roundOf('b.test', troubled)],
    ],
    ['a round with a number of sites that it does not name', round({}, 1), []],
    [
      'a switch, without what is not promised',
      {
        event: 'switch',
        at: AT,
        site: 'a.test',
        from: null,
        to: 'primary',
        reason: 'created',
        epoch: 1,
        more: 2,
      },
      [{ event: 'switch', site: 'a.test', from: null, to: 'primary', reason: 'created', epoch: 1, at: AT }],
    ],
    [
      'a publication',
      { event: 'published', site: 'a.test', epoch: 1, at: AT },
      [{ event: 'published', site: 'a.test', epoch: 1, at: AT }],
    ],
    [
      'an error of a site',
      { event: 'error', code: 'denied', message: 'not allowed', at: AT, site: 'a.test' },
      [{ event: 'error', code: 'denied', message: 'a.test: not allowed', at: AT }],
    ],
    [
      'a note',
      { event: 'note', message: 'took the baton', at: AT },
      [{ event: 'output', ...from, line: 'took the baton', at: AT }],
    ],
    ['a heartbeat', { event: 'heartbeat', heartbeat: { roundsDecided: 1 }, at: AT }, []],
    ['words', 'hello', [{ event: 'output', ...from, line: 'hello', at: CAME }]],
    [
      'JSON that is no event',
      '{"level":"warn"}',
      [{ event: 'output', ...from, line: '{"level":"warn"}', at: CAME }],
    ],
    ['JSON that is no object', '7', [{ event: 'output', ...from, line: '7', at: CAME }]],
  ];
  for (const [title, line, expected] of cases) {
    test(title, () => assert.deepEqual(read(line), expected));
  }
});

test('a failed invocation is an error that names the function', () => {
  const error = { errorType: 'Sandbox.Timedout', errorMessage: 'Task timed out after 3.00 seconds' };
  assert.deepEqual(functionFailure({ name: 'main-prober', region: 'eu-west-1' }, error, AT), {
    event: 'error',
    code: 'Sandbox.Timedout',
    message: 'main-prober in eu-west-1: Task timed out after 3.00 seconds',
    at: AT,
  });
});
