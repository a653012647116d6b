import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Site } from '../../../lambda/core/site/site.ts';
import type { Happening, Ready } from '../../../local/events.ts';
import { watch } from '../../../local/watcher.ts';

const site = (name: string, zone: string): Site =>
  ({ name, names: [name], zone, servers: [{ name: 'primary' }] }) as Site;

const ONE_SITE = {
  deployment: 'main',
  zones: [{ name: 'a.test' }],
  sites: [site('www.a.test', 'a.test')],
  intervalSeconds: 10,
} as Config;

/** A watcher that ticks each minute, and what it has told. */
const watching = (config: Config, more: Partial<Parameters<typeof watch>[0]> = {}) => {
  const shown: Happening[] = [];
  const onEvent = (happening: Happening) => void shown.push(happening);
  return { shown, watcher: watch({ config, tickSeconds: 60, listed: () => true, onEvent, ...more }) };
};

test('several controllers that tell the number of their sites alone are heard, and all is ready', () => {
  const config = {
    deployment: 'main',
    zones: [{ name: 'a.test' }, { name: 'b.test' }],
    sites: [site('www.a.test', 'a.test'), site('www.b.test', 'b.test'), site('shop.b.test', 'b.test')],
    sitesPerController: 2,
  } as Config;
  const { shown, watcher } = watching(config);
  watcher.whenReady({ event: 'ready' } as Ready);
  const round = (name: string, healthy: number) =>
    watcher.printed({
      function: name,
      region: 'eu-west-2',
      line: JSON.stringify({
        ...{ event: 'round', at: '2026-11-22T18:59:43.120Z', vantages: ['eu-west-2'], sites: {}, healthy },
      }),
    });
  round('main-controller', 1);
  round('main-controller-2', 2);
  assert.deepEqual(
    shown.map((happening) => ('site' in happening ? happening.site : happening.event)),
    ['www.a.test', 'www.b.test', 'shop.b.test', 'ready'],
  );
});

test('when no site was looked at for three ticks, that is told with what the last controller answered', () => {
  let nowMs = 0;
  const { shown, watcher } = watching(ONE_SITE, { steady: () => nowMs });
  for (const minute of [0, 1, 2]) {
    nowMs = minute * 60_000;
    watcher.ticked('nothing yet');
  }
  assert.equal(shown.length, 0);
  nowMs = 180_000;
  watcher.ticked('{"ended":"not-newer"}');
  const [told] = shown.flatMap((one) => (one.event === 'error' ? [`${one.code} ${one.message}`] : []));
  assert.equal(
    told,
    'Silence No controller has looked at any site for 180 s. What the last one answered: {"ended":"not-newer"}',
  );
  const line = {
    event: 'round',
    at: '2026-11-22T18:59:43.120Z',
    vantages: ['eu-west-2'],
    sites: {},
    healthy: 1,
  };
  watcher.printed({ function: 'main-controller', region: 'eu-west-2', line: JSON.stringify(line) });
  nowMs += 120_000;
  watcher.ticked('');
  assert.deepEqual(
    shown.map(({ event }) => event),
    ['error', 'round'],
  );
});

test('while its alarm is muted, nothing is said of silence', () => {
  let [nowMs, isMuted] = [0, true];
  const { shown, watcher } = watching(ONE_SITE, { steady: () => nowMs, muted: () => isMuted });
  nowMs = 600_000;
  watcher.ticked('');
  assert.equal(shown.length, 0);
  isMuted = false;
  watcher.ticked('');
  assert.equal(shown.length, 1);
});
