/**
 * The main job seen from outside, as an operator with nginx, dig and a JSON file sees it. Needs Debian packages, so it is run
 * by .ci/run and not by `npm test`.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { type Nginx, nginx } from '../../bench/nginx.ts';
import {
  bootSwitchover,
  type Line,
  measuredConfig,
  type Running,
  startSwitchover,
  unnoted,
} from '../../bench/switchover.ts';

const SITE = 'www.flip.example';
/** Faster than the defaults, so that the whole list takes minutes. */
const EAGER = { downForSeconds: 2, confirmEverySeconds: 1, ttlSeconds: 10 };

type Scene = { running: Running; primary: Nginx; standby: Nginx; ready: Line; root: string };

const dig = (ready: Line, type = 'A'): string[] => {
  const [host, port] = String(ready.dns).split(':');
  const out = execFileSync('dig', [
    '+short',
    '+time=2',
    '+tries=1',
    `@${host}`,
    '-p',
    String(port),
    SITE,
    type,
  ]);
  return out
    .toString()
    .trim()
    .split('\n')
    .filter((line) => line !== '');
};

const fault = async (ready: Line, body: object | undefined): Promise<void> => {
  const { secretAccessKey } = ready.operator as { secretAccessKey: string };
  const headers = { authorization: `Bearer ${secretAccessKey}` };
  const what = body === undefined ? { method: 'DELETE' } : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${ready.aws}/_local/faults`, { ...what, headers });
  assert.equal(answer.ok, true, await answer.text());
};

const announced =
  (kind: string, within = '') =>
  (line: Line): boolean =>
    line.event === 'announcement' && line.kind === kind && `${line.subject} ${line.text}`.includes(within);
const switches = (running: Running): Line[] => running.lines.filter((l) => l.event === 'switch');
const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

let lastPort = 18_800;
const onScene = async (
  site: object,
  play: (scene: Scene) => Promise<void>,
  intervalSeconds = 5,
): Promise<void> => {
  const port = ++lastPort;
  const root = mkdtempSync(join(tmpdir(), 'switchover-check-'));
  const [primary, standby] = [nginx(root, '127.0.0.2', port), nginx(root, '127.0.0.3', port)];
  await Promise.all([primary.start(), standby.start()]);
  const running = startSwitchover(root, measuredConfig(port, site, intervalSeconds));
  try {
    const ready = await running.line((l) => l.event === 'ready', 60_000);
    await running.line((l) => l.event === 'published', 30_000);
    await play({ running, primary, standby, ready, root });
  } finally {
    await running.stop();
    primary.stop();
    standby.stop();
    rmSync(root, { recursive: true, force: true });
  }
};

describe('the main job, from outside', { concurrency: 2 }, () => {
  it('moves to the standby when the primary dies, and dig says so', () =>
    onScene(
      {},
      async ({ running, primary, ready }) => {
        assert.deepEqual(dig(ready), ['127.0.0.2']);
        primary.kill();
        const moved = await running.line((l) => l.event === 'switch' && l.reason === 'failover', 40_000);
        await running.line((l) => l.event === 'published' && l.epoch === moved.epoch, 20_000);
        assert.deepEqual(dig(ready), ['127.0.0.3']);
        await running.line(announced('failover', 'standby'), 10_000);
        assert.equal(dig(ready, 'AAAA').length, 0);
      },
      10,
    ));

  for (const failure of ['500', 'hang'] as const) {
    it(`moves to the standby when the primary ${failure === '500' ? 'answers 500' : 'hangs'}`, () =>
      onScene(EAGER, async ({ running, primary, ready }) => {
        if (failure === '500') primary.break(true);
        else primary.hang();
        const moved = await running.line((l) => l.event === 'switch' && l.reason === 'failover', 40_000);
        await running.line((l) => l.event === 'published' && l.epoch === moved.epoch, 20_000);
        assert.deepEqual(dig(ready), ['127.0.0.3']);
      }));
  }

  it('does not move to a standby that died first, and says that both are down', () =>
    onScene(EAGER, async ({ running, primary, standby, ready }) => {
      standby.kill();
      await running.line(announced('server-down', 'standby'), 40_000);
      primary.kill();
      await running.line(announced('nowhere-better', 'SITE DOWN'), 40_000);
      assert.equal(switches(running).length, 1, 'only the first record was created');
      assert.deepEqual(dig(ready), ['127.0.0.2']);
    }));

  it('does not move when both die at once, and says nowhere-better', () =>
    onScene(EAGER, async ({ running, primary, standby, ready }) => {
      primary.kill();
      standby.kill();
      await running.line(announced('nowhere-better'), 40_000);
      await sleep(5000);
      assert.equal(
        switches(running).length,
        1,
        JSON.stringify(running.lines.filter((l) => l.event !== 'announcement')),
      );
      assert.deepEqual(dig(ready), ['127.0.0.2']);
    }));

  it('keeps going with one vantage blind, and fails over on the other two', () =>
    onScene(EAGER, async ({ running, primary, ready }) => {
      await fault(ready, { service: 'lambda', operation: 'Invoke', region: 'eu-west-1', fault: 'deny' });
      await running.line(announced('vantage-blind', 'eu-west-1'), 60_000);
      assert.equal(switches(running).length, 1, 'a blind vantage moves nothing');
      primary.kill();
      await running.line((l) => l.event === 'switch' && l.reason === 'failover', 40_000);
    }));

  it('moves nothing with two vantages blind, and says blind', () =>
    onScene(EAGER, async ({ running, primary, ready }) => {
      await fault(ready, { service: 'lambda', operation: 'Invoke', region: 'eu-west-1', fault: 'deny' });
      await fault(ready, { service: 'lambda', operation: 'Invoke', region: 'eu-west-2', fault: 'error' });
      await running.line(announced('blind', SITE), 60_000);
      primary.kill();
      await sleep(15_000);
      assert.equal(
        switches(running).length,
        1,
        JSON.stringify(running.lines.filter((l) => l.event !== 'announcement')),
      );
      await fault(ready, undefined);
      await running.line((l) => l.event === 'switch' && l.reason === 'failover', 40_000);
    }));

  it('says AccessDenied when the policy lacks the permission, and changes no record', () =>
    onScene(EAGER, async ({ running, primary, root }) => {
      await running.stop();
      const assembly = join(root, 'assembly');
      cpSync(join(root, 'state', 'assembly'), assembly, { recursive: true });
      const template = readdirSync(assembly).find((name) =>
        name.endsWith('-control.template.json'),
      ) as string;
      const text = readFileSync(join(assembly, template), 'utf8');
      writeFileSync(
        join(assembly, template),
        text.replaceAll('route53:ChangeResourceRecordSets"', 'route53:GetHostedZoneCount"'),
      );
      const again = bootSwitchover(root, ['--assembly', assembly], unnoted());
      try {
        const second = await again.line((l) => l.event === 'ready', 60_000);
        const from = again.lines.length;
        await again.line((l) => l.event === 'round', 30_000, from);
        primary.kill();
        await again.line((l) => l.event === 'error' && String(l.message).includes('AccessDenied'), 60_000);
        await again.line(announced('write-refused', 'ChangeResourceRecordSets'), 20_000);
        assert.deepEqual(dig(second), ['127.0.0.2']);
        assert.deepEqual(switches(again), []);
      } finally {
        await again.stop();
      }
    }));
});
