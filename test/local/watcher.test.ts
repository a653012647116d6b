import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config, Site } from '../../lambda/core/site.ts';
import type { Happening, Ready } from '../../local/events.ts';
import { watch } from '../../local/watcher.ts';

const site = (name: string, zone: string): Site =>
  ({ name, names: [name], zone, servers: [{ name: 'primary' }] }) as Site;

test('several controllers that tell the number of their sites alone are heard, and all is ready', () => {
  const config = {
    deployment: 'main',
    zones: [{ name: 'a.test' }, { name: 'b.test' }],
    sites: [site('www.a.test', 'a.test'), site('www.b.test', 'b.test'), site('shop.b.test', 'b.test')],
    sitesPerController: 2,
  } as Config;
  const shown: Happening[] = [];
  const watcher = watch(
    config,
    () => true,
    (happening) => shown.push(happening),
  );
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
