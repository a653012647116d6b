import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../fixtures/virtual/world.ts';
import type { Server } from '../../../lambda/core/site/site.ts';
import { banner } from '../../../local/banner.ts';

const shown = (servers: Server[]): string => {
  const config = virtualConfig([{ ...virtualSite('www'), servers }]);
  return banner({ dns: '127.0.0.1:8053', aws: 'http://127.0.0.1:4566', state: '/state', config }, []);
};
const server = (name: string, ipv4: string[], probeAddress?: string): Server => ({
  name,
  ipv4,
  ipv6: [],
  ...(probeAddress !== undefined && { probeAddress }),
});

test('whoever starts it is told that probes leave the machine, and for where', () => {
  const all = ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'];
  assert.match(
    shown([server('primary', all)]),
    /probes +leave this machine, for 192\.0\.2\.1, .* and 1 more/,
  );
  assert.match(
    shown([server('primary', ['127.0.0.2'], '192.0.2.9')]),
    /leave this machine, for 192\.0\.2\.9\n/,
  );
});

test('and is told nothing of it while they do not', () => {
  assert.doesNotMatch(
    shown([server('primary', ['127.0.0.2']), server('standby', ['192.0.2.1'], '::1')]),
    /leave/,
  );
});

test('whoever plays with the demo is told what its servers answer, and a command for each way to fail', () => {
  const config = virtualConfig([virtualSite('www')]);
  const cloud = { dns: '127.0.0.1:8053', aws: 'http://127.0.0.1:4566', config };
  const primary = { name: 'primary', address: '127.0.0.2', port: 8080, pid: 7 };
  const text = banner({ ...cloud, state: '/elsewhere/state' }, [primary]);
  assert.match(text, /"ok" at \/healthz/);
  for (const deed of ['kill', 'hang', 'slow', 'break', 'revive'])
    assert.match(
      text,
      new RegExp(`npm run switchover -- demo-server primary ${deed} +--local /elsewhere/state `),
    );
  const usual = banner({ ...cloud, state: join(process.cwd(), '.switchover') }, [primary]);
  assert.match(usual, /npm run switchover -- demo-server primary kill {5}its process is killed/);
});

test('whoever starts it is told where the page is', () => {
  const config = virtualConfig([virtualSite('www')]);
  const cloud = { dns: '127.0.0.1:8053', aws: 'http://127.0.0.1:4566', state: '/state', config };
  assert.match(
    banner(cloud, [], 'http://127.0.0.1:9/?token=x'),
    /\n {2}page {4}http:\/\/127\.0\.0\.1:9\/\?token=x\n/,
  );
  assert.doesNotMatch(banner(cloud, []), /page/);
});
