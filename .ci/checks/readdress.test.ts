/**
 * `readdress/switchover-readdress` on two hosts of one subnet, in network namespaces, with the real tools. Needs root, iproute2, arping
 * (Debian: iputils-arping), dig (bind9-dnsutils) and shellcheck; fails without them.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { DNS, makeSubnet, POLL_MS, SECOND_DNS, until } from './readdress-subnet.ts';

const run = promisify(execFile);
const SCRIPT = fileURLToPath(new URL('../../readdress/switchover-readdress', import.meta.url));
const NGINX_WATCHER = fileURLToPath(
  new URL('../../examples/gate-nginx/switchover-gate-watch', import.meta.url),
);

/** Time to look, to start a process and to be scheduled on a machine that does other things, too. */
const SLACK_MS = 1500;

const subnet = await makeSubnet();
after(() => subnet.close());
const { primary, standby } = subnet;

const holders = async (): Promise<string> => {
  const [first, second] = await Promise.all([primary.holds(), standby.holds()]);
  return [...(first ? ['primary'] : []), ...(second ? ['standby'] : [])].join(' and ') || 'nobody';
};

/** The longest time for which both had the address while they could see each other. */
const watching = { apart: false, bothMs: 0, worstMs: 0, over: false };
const watcher = (async () => {
  let lastMs = performance.now();
  while (!watching.over) {
    const seen = await holders();
    const nowMs = performance.now();
    const both = seen === 'primary and standby' && !watching.apart;
    watching.bothMs = both ? watching.bothMs + nowMs - lastMs : 0;
    watching.worstMs = Math.max(watching.worstMs, watching.bothMs);
    lastMs = nowMs;
    await sleep(50);
  }
})();

const heldBy = (expected: string, limitMs?: number): Promise<number> =>
  until('the address is held by', holders, expected, limitMs);
const served = (expected: string): Promise<number> => until('the page is served by', subnet.page, expected);

/** It stays so for three looks of the hosts. */
const staysWith = async (expected: string): Promise<void> => {
  for (const end = performance.now() + 3 * POLL_MS; performance.now() < end; await sleep(100)) {
    assert.equal(await holders(), expected);
  }
};

/** The primary has it, both are alive, and both know. */
const atHome = async (): Promise<void> => {
  await subnet.role('primary');
  await heldBy('primary');
  await served('primary');
};

describe('the host that the role record names has the address', () => {
  test('both alive: it moves there and back, and is never with both', async () => {
    await atHome();
    await subnet.role('standby');
    const tookMs = await heldBy('standby');
    await served('standby');
    console.log(
      `both alive: the standby had it ${(tookMs / 1000).toFixed(1)} s after the role record named it`,
    );
    await atHome();
    assert.equal(watching.worstMs, 0);
  });

  test('kill: the primary loses power, and comes back to a site that is served', async () => {
    await primary.powerOff();
    await subnet.role('standby');
    const tookMs = await heldBy('standby');
    await served('standby');
    console.log(`kill: the standby had it ${(tookMs / 1000).toFixed(1)} s after the role record named it`);
    await primary.powerOn();
    await staysWith('standby');
    await atHome();
  });

  test('hang: the website hangs, the host is alive and lets go', async () => {
    primary.web.kill('SIGSTOP');
    await subnet.role('standby');
    await heldBy('standby');
    await served('standby');
    primary.web.kill('SIGCONT');
    await staysWith('standby');
    await atHome();
  });

  test('cable cut: both have it while they cannot see each other, and no longer', async () => {
    await primary.cable(false);
    watching.apart = true;
    await subnet.role('standby');
    await heldBy('primary and standby');
    await served('standby');
    await sleep(2 * POLL_MS);
    assert.equal(await holders(), 'primary and standby');
    await primary.cable(true);
    watching.apart = false;
    const tookMs = await heldBy('standby');
    console.log(`cable cut: the primary let go ${(tookMs / 1000).toFixed(1)} s after it was back`);
    await served('standby');
    await atHome();
  });

  test('cable cut, and the name server is away when it is back: who knows older news gives way', async () => {
    await primary.cable(false);
    watching.apart = true;
    await subnet.role('standby');
    await heldBy('primary and standby');
    subnet.dns.kill('SIGSTOP');
    await primary.cable(true);
    watching.apart = false;
    // Neither can tell who is right: both give way, and the first that hears the role record again has it.
    await until('both have it', async () => String((await holders()) === 'primary and standby'), 'false');
    subnet.dns.kill('SIGCONT');
    await heldBy('standby');
    await served('standby');
    await atHome();
  });

  test('paused: while the primary answers and does not look, nobody takes the address from it', async () => {
    primary.script.kill('SIGSTOP');
    await subnet.role('standby');
    await staysWith('primary');
    assert.match(standby.said.at(-1) ?? '', /still answers elsewhere: not taken/);
    primary.script.kill('SIGCONT');
    await heldBy('standby');
    await served('standby');
    await atHome();
  });

  test('both restarted: only the one that is named takes it', async () => {
    await subnet.role('standby');
    await heldBy('standby');
    await Promise.all([primary.powerOff(), standby.powerOff()]);
    await Promise.all([primary.powerOn(), standby.powerOn()]);
    await heldBy('standby');
    await served('standby');
    await staysWith('standby');
    await atHome();
  });

  test('the name servers are away: everything stays, also over a restart of the script', async () => {
    subnet.dns.kill('SIGSTOP');
    await staysWith('primary');
    primary.script.kill('SIGTERM');
    primary.startScript();
    await staysWith('primary');
    subnet.dns.kill('SIGCONT');
    await atHome();
  });

  test('a name server that is behind is not believed', async () => {
    // Both have heard of a later epoch by now.
    await sleep(2 * POLL_MS);
    await subnet.role('standby', 1);
    await staysWith('primary');
    // The epoch goes on from there, and hosts believe no lower one than they heard of.
    await subnet.role('primary', 1000);
    await atHome();
  });

  test('a lower epoch that all name servers say is told as ignored, and believed after its time', async () => {
    for (const host of [primary, standby]) {
      host.script.kill('SIGTERM');
      host.startScript({ EVERY_SECONDS: '2', BELIEVE_LOWER_SECONDS: '5' });
    }
    await subnet.role('primary', 2000);
    await heldBy('primary');
    await sleep(2 * POLL_MS);
    await subnet.role('standby', 2);
    const tookMs = await heldBy('standby');
    // Three pauses of two seconds between the first answer and the last: five seconds are not over sooner.
    assert.ok(tookMs >= 5500, `${tookMs} ms`);
    const said = standby.said.join('\n');
    assert.match(
      said,
      /epoch 2 names standby: ignored, for epoch 2000 was heard of\. .* for 6 s it is believed/,
    );
    assert.match(said, /All name servers say epoch 2: it is believed/);
    await atHome();
  });

  test('one of two name servers stays behind: each epoch is told once, and none is believed', async () => {
    await subnet.role('primary', 3000, DNS);
    await subnet.role('standby', 7, SECOND_DNS);
    standby.script.kill('SIGTERM');
    const before = standby.said.length;
    standby.startScript({
      EVERY_SECONDS: '1',
      BELIEVE_LOWER_SECONDS: '2',
      NAME_SERVERS: `${DNS} ${SECOND_DNS}`,
    });
    // Some turns of both name servers, of which one changes between two epochs that are behind.
    for (const epoch of [7, 8, 7, 8]) {
      await subnet.role('standby', epoch, SECOND_DNS);
      for (const end = performance.now() + 3000; performance.now() < end; await sleep(100))
        assert.equal(await holders(), 'primary');
    }
    const said = standby.said.slice(before);
    for (const epoch of [7, 8])
      assert.equal(
        said.filter((line) => line.includes(`epoch ${epoch} names standby: ignored`)).length,
        1,
        said.join('\n'),
      );
    standby.script.kill('SIGTERM');
    standby.startScript();
    await atHome();
  });

  test('told so, it takes an address that answers', async () => {
    primary.script.kill('SIGSTOP');
    watching.apart = true;
    standby.script.kill('SIGTERM');
    standby.startScript({ TAKE_ANSWERING: 'yes' });
    await subnet.role('standby');
    await until('the standby has it', async () => String(await standby.holds()), 'true');
    primary.script.kill('SIGCONT');
    await heldBy('standby');
    watching.apart = false;
    await atHome();
  });
});

test('never did both have it for longer than one look while they could see each other', async () => {
  watching.over = true;
  await watcher;
  console.log(
    `both had it for at most ${(watching.worstMs / 1000).toFixed(1)} s while they could see each other`,
  );
  assert.ok(watching.worstMs <= POLL_MS + SLACK_MS, `${watching.worstMs} ms`);
});

test('what it needs is said, and nothing else is done', async () => {
  const said = async (...words: string[]): Promise<string> => {
    const failure = await run(SCRIPT, words).then(
      () => undefined,
      (error: { code: number; stderr: string }) => error,
    );
    assert.equal(failure?.code, 2);
    return failure.stderr;
  };
  assert.match(
    await said('/nowhere.conf'),
    /Expected a readable file of settings, received \/nowhere\.conf\./,
  );
  assert.match(await said('/dev/null'), /Expected SITE to be set in \/dev\/null, received nothing\./);
});

test('it and the watcher of nginx are plain shell', async () => {
  for (const script of [SCRIPT, NGINX_WATCHER]) {
    await run('shellcheck', [script]);
    await run('dash', ['-n', script]);
  }
});
