import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type RoleWatchOptions, watchRole } from '../../../gate/role-watch.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Outcome } from '../../../lambda/core/probe/request.ts';
import type { DnsServer } from '../../../lambda/ports.ts';

const KEEP_MS = 60_000;
const NAME_SERVERS = ['192.0.2.1', '192.0.2.2'].map((address) => ({ address, port: 53 }));
const roleText = (epoch: number, serving: string) =>
  `"v=1 epoch=${epoch} serving=${serving} mode=auto set=1a2b3c4d since=1"`;

/** A gate of the standby, with name servers that say what `told` holds for them, or nothing. */
const scene = (given: Partial<RoleWatchOptions> = {}) => {
  const stage = {
    nowMs: 0,
    told: new Map<string, string>(),
    asked: [] as string[],
    tried: [] as string[],
    primary: 'passed' as Outcome,
    found: 0,
    lines: [] as string[],
  };
  const watch = watchRole({
    site: 'www.example.com',
    servers: ['primary', 'standby'],
    me: 'standby',
    nameServers: async () => {
      stage.found += 1;
      return NAME_SERVERS;
    },
    dns: {
      ask: async ({ address }: DnsServer, { name, type }) => {
        assert.deepEqual([name, type], ['_switchover.www.example.com', 'TXT']);
        stage.asked.push(address);
        const value = stage.told.get(address);
        if (value === undefined) throw new Fault('lost', 'DNS', 'ask', 'no answer');
        const answers = [{ name, type: 'TXT', ttlSeconds: 10, value }];
        const flags = { authoritative: true, recursionAvailable: false, authenticated: false };
        return { rcode: 'NOERROR', ...flags, answers, authorities: [], additionals: [] };
      },
    },
    tryServer: async (server) => {
      stage.tried.push(server);
      return stage.primary;
    },
    keepMs: KEEP_MS,
    now: () => stage.nowMs,
    say: ({ message }) => void stage.lines.push(message),
    ...given,
  });
  return { stage, watch };
};

const tellAll = (told: Map<string, string>, text: string | undefined): void => {
  for (const { address } of NAME_SERVERS) {
    if (text === undefined) told.delete(address);
    else told.set(address, text);
  }
};

test('follows the role record, asks the name servers in turn, and says each change once', async () => {
  const { stage, watch } = scene();
  tellAll(stage.told, roleText(1, 'primary'));
  await watch.look();
  await watch.look();
  assert.equal(watch.view(), 'stands-by');
  assert.deepEqual(stage.asked, ['192.0.2.1', '192.0.2.2']);
  tellAll(stage.told, roleText(2, 'standby'));
  await watch.look();
  assert.equal(watch.view(), 'serves');
  // One of them has not heard of it yet.
  stage.told.set('192.0.2.2', roleText(1, 'primary'));
  await watch.look();
  assert.equal(watch.view(), 'serves');
  assert.deepEqual(stage.lines, [
    'standby stands by and sends visitors on: the role record of epoch 1 names primary.',
    'standby serves the site: the role record of epoch 2 names standby.',
    'Epoch 1 is ignored, until nobody has said epoch 2 for 60 s.',
  ]);
  assert.equal(stage.found, 1);
});

test('says each lower epoch once, though several name servers stay behind, each at one of its own', async () => {
  const { stage, watch } = scene();
  tellAll(stage.told, roleText(3, 'primary'));
  await watch.look();
  for (const epoch of [1, 2, 1, 2, 1, 2]) {
    tellAll(stage.told, roleText(epoch, 'standby'));
    await watch.look();
  }
  const ignored = stage.lines.filter((line) => line.includes('is ignored'));
  assert.deepEqual(
    ignored.map((line) => line.slice(0, 'Epoch 1'.length)),
    ['Epoch 1', 'Epoch 2'],
  );
});

test('asks the next name server when one does not answer, or answers nonsense', async () => {
  const { stage, watch } = scene();
  stage.told.set('192.0.2.2', roleText(1, 'standby'));
  await watch.look();
  assert.equal(watch.view(), 'serves');
  stage.told.set('192.0.2.1', '"v=2 hello"');
  await watch.look();
  assert.deepEqual(stage.asked, ['192.0.2.1', '192.0.2.2', '192.0.2.1', '192.0.2.2']);
  assert.deepEqual(stage.tried, []);
});

test('keeps its role for a while when nobody answers, then tries the primary, and serves only if that fails', async () => {
  const { stage, watch } = scene();
  tellAll(stage.told, roleText(1, 'primary'));
  await watch.look();
  tellAll(stage.told, undefined);
  stage.primary = 'failed';
  stage.nowMs = KEEP_MS;
  await watch.look();
  assert.deepEqual([watch.view(), stage.tried], ['stands-by', []]);
  stage.nowMs = KEEP_MS + 1;
  stage.primary = 'passed';
  await watch.look();
  assert.deepEqual([watch.view(), stage.tried], ['stands-by', ['primary']]);
  stage.primary = 'unknown';
  await watch.look();
  assert.equal(watch.view(), 'stands-by');
  stage.primary = 'failed';
  await watch.look();
  assert.equal(watch.view(), 'serves');
  tellAll(stage.told, roleText(1, 'primary'));
  await watch.look();
  assert.equal(watch.view(), 'stands-by');
});

test('knows nothing at the start: it stands by unless the primary fails, and looks for name servers again', async () => {
  const { stage, watch } = scene({
    nameServers: async () => {
      throw new Error('queryNs ESERVFAIL dyn.example.com');
    },
  });
  await watch.look();
  assert.deepEqual([watch.view(), stage.tried], ['stands-by', ['primary']]);
  stage.primary = 'failed';
  await watch.look();
  assert.equal(watch.view(), 'serves');
  assert.match(stage.lines[0] ?? '', /^The zone's name servers were not found: queryNs ESERVFAIL/);
});
