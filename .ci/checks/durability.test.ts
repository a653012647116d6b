/**
 * SIGKILL at random moments over a failover: of the whole local cloud, and of one function's process. Afterwards it is started
 * again on the same state, and the story must end as if nothing had happened: one switch, told, the hold still there.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
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
} from '../../bench/switchover.ts';
import type { SwitchoverConfig } from '../../lib/config/index.ts';
import type { Ready } from '../../local/events.ts';
import { askConsole, readMails } from '../../local/outside.ts';

const KILLS = Number(process.env.SWITCHOVER_KILLS ?? 50);
/** Moments are played side by side, each lane waiting most of the time. */
const LANES = 4;
const SITE = 'www.flip.example';
const HELD = 'held.flip.example';
const EAGER = { downForSeconds: 2, confirmEverySeconds: 1, ttlSeconds: 10 };
/** A failover takes about six seconds here; kills fall anywhere between the failure and well after it. */
const WINDOW_MS = 9000;

/** A seeded generator (mulberry32), so that a failing moment can be tried again. */
const random = (seed: number) => () => {
  seed = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
};

const sleep = (ms: number) => new Promise((done) => setTimeout(done, ms));

/** The processes that the cloud started: its functions' environments. */
const childrenOf = (pid: number): number[] =>
  readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((child) => {
      try {
        const stat = readFileSync(`/proc/${child}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        return parent === pid && readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('runtime.ts');
      } catch {
        return false;
      }
    });

const killCloud = async (running: Running): Promise<void> => {
  const children = childrenOf(running.child.pid as number);
  running.child.kill('SIGKILL');
  // Nothing survives a killed parent; the next start must not meet its ghosts.
  for (let tries = 0; tries < 100 && children.some(alive); tries++) await sleep(50);
  assert.deepEqual(children.filter(alive), [], 'function processes outlived the cloud');
};

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A pair of servers with an assembly of their own, synthesized once, on which moments are played one after the other. */
type Lane = { root: string; assembly: string; primary: Nginx; standby: Nginx };

const openLane = async (index: number): Promise<Lane> => {
  const port = 19_000 + index;
  const root = mkdtempSync(join(tmpdir(), 'switchover-kill-'));
  const [primary, standby] = [nginx(root, '127.0.0.2', port), nginx(root, '127.0.0.3', port)];
  await standby.start();
  const measured = measuredConfig(port, EAGER, 3);
  const sites = [SITE, HELD].map((name) => ({
    ...measured.sites[0],
    name,
    probe: { url: `http://${name}:${port}/healthz`, timeoutSeconds: 1 },
  }));
  const first = startSwitchover(root, { ...measured, sites } as SwitchoverConfig);
  await first.line((l) => l.event === 'round', 60_000);
  await first.stop();
  const assembly = join(root, 'assembly');
  renameSync(join(root, 'state', 'assembly'), assembly);
  return { root, assembly, primary, standby };
};

const play = async ({ root, assembly, primary }: Lane, seed: number): Promise<void> => {
  const chance = random(seed);
  rmSync(join(root, 'state'), { recursive: true, force: true });
  await primary.start();
  const boot = () => bootSwitchover(root, ['--tick', '8', '--assembly', assembly]);
  let running = boot();
  const lines: Line[] = [];
  try {
    const ready = (await running.line((l) => l.event === 'ready', 60_000)) as unknown as Ready;
    const order = { action: 'hold', site: HELD, by: 'check', reason: 'must survive' };
    assert.equal((await askConsole(ready, 'eu-west-2', order)).ok, true);
    primary.kill();
    await sleep(chance() * WINDOW_MS);
    if (chance() < 0.5) {
      await killCloud(running);
      lines.push(...running.lines);
      running = boot();
    } else {
      const functions = childrenOf(running.child.pid as number);
      const victim = functions[Math.floor(chance() * functions.length)];
      if (victim !== undefined) process.kill(victim, 'SIGKILL');
    }
    const told = () => readMails(join(root, 'state')).filter((m) => m.attributes.kind === 'failover');
    for (let tries = 0; tries < 600 && told().length === 0; tries++) await sleep(100);
    assert.ok(told().length >= 1, `seed ${seed}: the failover was never announced`);
    await sleep(3000);
    const again = (await running.line((l) => l.event === 'ready', 30_000)) as unknown as Ready;
    const answer = (await askConsole(again, 'eu-west-2', { action: 'status' })) as unknown as {
      sites: { site: string; serving: string; mode: string }[];
    };
    const of = (name: string) => answer.sites.find((s) => s.site === name);
    assert.equal(of(SITE)?.serving, 'standby', `seed ${seed}`);
    assert.deepEqual([of(HELD)?.serving, of(HELD)?.mode], ['primary', 'held'], `seed ${seed}`);
    const moves = [...lines, ...running.lines].filter(
      (l) => l.event === 'switch' && l.site === SITE && l.from !== null,
    );
    assert.ok(moves.length <= 1, `seed ${seed}: ${JSON.stringify(moves)}`);
    const history = (await askConsole(again, 'eu-west-2', { action: 'history', site: SITE })) as unknown as {
      history: { what: string; text: string }[];
    };
    const written = history.history.filter(
      (e) => e.what === 'written' && e.text.includes('primary -> standby'),
    );
    assert.equal(written.length, 1, `seed ${seed}: ${JSON.stringify(history.history)}`);
    const orders = (await askConsole(again, 'eu-west-2', {
      action: 'history',
      site: HELD,
    })) as unknown as typeof history;
    assert.equal(
      orders.history.filter((e) => e.what === 'hand').length,
      1,
      `seed ${seed}: the order is in the history`,
    );
  } finally {
    await running.stop();
    primary.stop();
  }
};

describe('SIGKILL over a failover', { concurrency: LANES }, () => {
  for (let index = 0; index < LANES; index++) {
    it(`loses nothing, lane ${index}`, async (t) => {
      const lane = await openLane(index);
      try {
        for (let seed = 1 + index; seed <= KILLS; seed += LANES) {
          await t.test(`moment ${seed}`, () => play(lane, seed));
        }
      } finally {
        lane.standby.stop();
        rmSync(lane.root, { recursive: true, force: true });
      }
    });
  }
});
