/**
 * One failure of the primary of a site with the lever `dual`, as curl and Chromium see it. Runs as root in network and mount
 * namespaces of its own, see dual.test.ts: the machine's resolver is an unbound that keeps answers for their TTL of 60 s, and
 * the primary and the visitors are hosts of their own behind cables. Argument: `refused`, `silent` or `500`. Prints one line of JSON.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type OnHost, startChromium, type Visitor } from '../../bench/chromium.ts';
import { type Line, measuredConfig, type Running, startSwitchover } from '../../bench/switchover.ts';
import { curl } from './dual-visitors.ts';

const fault = process.argv[2] as 'refused' | 'silent' | '500';
const [PRIMARY, STANDBY, PORT, BEHIND] = ['10.77.0.2', '10.77.0.3', 8080, 9090];
/** As near to one address as to the other, so that neither is preferred (RFC 6724, rule 9). */
const VISITORS = '10.77.0.8';
const SITE = 'www.flip.example';
const ALONE = 'www-primary.flip.example';
const [PRIMARY_HOST, VISITORS_HOST] = [`dual-primary-${process.pid}`, `dual-visitors-${process.pid}`];
/** How long visits go on after the failure was detected. */
const LATER_MS = { refused: 10_000, silent: 75_000, '500': 75_000 }[fault];

const root = mkdtempSync(join(tmpdir(), 'switchover-dual-'));
const children: ChildProcess[] = [];
const ip = (...args: string[]): string => execFileSync('ip', args).toString();
const run = (command: string, ...args: string[]): ChildProcess => {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  return child;
};

/** Three hosts on one bridge: the primary, the visitors, and here, with everything else, the standby. */
const layCables = (): void => {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'bridge', 'type', 'bridge');
  ip('addr', 'add', `${STANDBY}/24`, 'dev', 'bridge');
  ip('link', 'set', 'bridge', 'up');
  for (const [host, address] of [
    [PRIMARY_HOST, PRIMARY],
    [VISITORS_HOST, VISITORS],
  ] as const) {
    const cable = `cable-${address.split('.').at(-1)}`;
    ip('netns', 'add', host);
    ip('link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', host);
    ip('link', 'set', cable, 'master', 'bridge', 'up');
    ip('-n', host, 'addr', 'add', `${address}/24`, 'dev', 'eth0');
    for (const device of ['lo', 'eth0']) ip('-n', host, 'link', 'set', device, 'up');
  }
  writeFileSync(join(root, 'resolv.conf'), `nameserver ${STANDBY}\noptions timeout:2\n`);
  execFileSync('mount', ['--bind', join(root, 'resolv.conf'), '/etc/resolv.conf']);
};

const onVisitors: OnHost = (command, ...args) => ['ip', ['netns', 'exec', VISITORS_HOST, command, ...args]];

const startResolver = (dnsPort: string): void => {
  const dir = join(root, 'unbound');
  mkdirSync(dir);
  writeFileSync(
    join(dir, 'unbound.conf'),
    `server:
  interface: ${STANDBY}@53
  access-control: 10.77.0.0/24 allow
  do-not-query-localhost: no
  do-daemonize: no
  use-syslog: no
  chroot: ""
  username: ""
  directory: "${dir}"
  pidfile: ""
  module-config: "iterator"
remote-control:
  control-enable: no
forward-zone:
  name: "flip.example"
  forward-addr: 127.0.0.1@${dnsPort}
`,
  );
  run('unbound', '-c', join(dir, 'unbound.conf'));
};

/** The configuration with the defaults that matter here: TTL 60, three failures; watched eagerly to save time. */
const config = () =>
  measuredConfig(
    PORT,
    {
      lever: 'dual',
      dual: { primaryName: ALONE, probeHeader: 'x-probe-key', joinAfterSeconds: 0 },
      ttlSeconds: 60,
      downForSeconds: 2,
      confirmEverySeconds: 1,
      servers: [
        { name: 'primary', ipv4: [PRIMARY] },
        { name: 'standby', ipv4: [STANDBY] },
      ],
      probe: {
        url: `http://${SITE}:${PORT}/`,
        headers: { 'x-probe-key': 'known here' },
        timeoutSeconds: 2,
      },
    },
    5,
  );

const cached = (name = SITE): string[] =>
  execFileSync('dig', ['+short', '+time=2', '+tries=1', `@${STANDBY}`, name, 'A'])
    .toString()
    .split('\n')
    .filter((line) => /^[\d.]+$/.test(line))
    .sort();

const until = async (what: string, holds: () => boolean, withinMs: number): Promise<void> => {
  for (const end = Date.now() + withinMs; !holds(); await sleep(200))
    if (Date.now() > end) throw new Error(`Expected ${what} within ${withinMs} ms.`);
};

/** A visitor, and the name that is asked for. Whoever has much time starts a visit before the last one is over. */
type Going = { who: string; visitor: Visitor; name: string; atOnce: boolean };
type Visit = { startMs: number; endMs: number; saw: string };

/** Visits until it is over, at most two a second. */
const keepVisiting = async (going: Going, visits: Visit[], over: AbortSignal): Promise<void> => {
  const { visitor, name, atOnce } = going;
  const running: Promise<void>[] = [];
  while (!over.aborted) {
    const startMs = Date.now();
    const one = visitor.visit(`http://${name}:${PORT}/?at=${startMs}`).then((saw) => {
      visits.push({ startMs, endMs: Date.now(), saw });
    });
    running.push(one);
    if (!atOnce) await one;
    await sleep(500);
  }
  await Promise.all(running);
};

const strike = (primary: ChildProcess): void => {
  if (fault === 'refused') primary.kill('SIGKILL');
  else if (fault === '500') primary.kill('SIGUSR2');
  // Whatever arrives there is received, and no answer ever leaves: from outside the machine is off.
  else for (const to of [STANDBY, VISITORS]) ip('-n', PRIMARY_HOST, 'route', 'add', 'blackhole', `${to}/32`);
};

const play = async (running: Running): Promise<object> => {
  const ready = await running.line((l) => l.event === 'ready', 60_000);
  const dnsPort = String(ready.dns).split(':')[1] as string;
  startResolver(dnsPort);
  const flags = [
    '--site',
    SITE,
    '--config',
    join(root, 'config.json'),
    '--name-server',
    `127.0.0.1:${dnsPort}`,
  ];
  const gate = run(
    process.execPath,
    'bin/switchover.ts',
    'gate',
    ...flags,
    '--every',
    '1s',
    '--listen',
    `${STANDBY}:${PORT}`,
    '--upstream',
    `http://127.0.0.1:${BEHIND}`,
  );
  gate.stdout?.resume();
  const inDns = () =>
    execFileSync('dig', ['+short', '@127.0.0.1', '-p', dnsPort, SITE]).toString().trim().split('\n');
  await until('both addresses in DNS', () => inDns().length === 2, 60_000);
  await sleep(1000);
  const browser = await startChromium(root, { on: onVisitors });
  const visitors = [
    { who: 'curl', visitor: curl(onVisitors), name: SITE, atOnce: true },
    { who: 'chromium', visitor: browser, name: SITE, atOnce: false },
    { who: 'curl, sent on before', visitor: curl(onVisitors), name: ALONE, atOnce: true },
  ];
  try {
    return await measure(running, visitors, inDns);
  } finally {
    await browser.stop();
  }
};

let primary: ChildProcess;

const measure = async (running: Running, all: Going[], inDns: () => string[]): Promise<object> => {
  const before: string[] = [];
  for (const { visitor, name } of all) before.push(await visitor.visit(`http://${name}:${PORT}/`));
  const cachedBefore = cached();
  const struckMs = Date.now();
  const from = running.lines.length;
  strike(primary);
  const over = new AbortController();
  const visits = all.map((): Visit[] => []);
  const going = all.map((one, index) => keepVisiting(one, visits[index] as Visit[], over.signal));
  const isDown = ({ healths }: Line) => (healths as Record<string, string> | undefined)?.primary === 'down';
  await running.line((l) => l.event === 'round' && isDown(l), 60_000, from);
  const detectedMs = Date.now();
  await sleep(3000);
  const [cachedLater, dnsLater] = [cached(), inDns()];
  await sleep(LATER_MS - 3000);
  over.abort();
  await Promise.all(going);
  const since = ({ startMs, endMs, saw }: Visit): Visit => ({
    startMs: startMs - detectedMs,
    endMs: endMs - detectedMs,
    saw,
  });
  const seen = Object.fromEntries(all.map(({ who }, index) => [who, (visits[index] as Visit[]).map(since)]));
  return {
    fault,
    before,
    cachedBefore,
    cachedLater,
    dnsLater,
    detectedMs: detectedMs - struckMs,
    visits: seen,
  };
};

let running: Running | undefined;
try {
  layCables();
  const web = '.ci/checks/dual-web.ts';
  primary = run('ip', 'netns', 'exec', PRIMARY_HOST, process.execPath, web, 'primary', PRIMARY, `${PORT}`);
  run(process.execPath, web, 'standby', '127.0.0.1', `${BEHIND}`);
  running = startSwitchover(root, config() as Parameters<typeof startSwitchover>[1]);
  process.stdout.write(`${JSON.stringify(await play(running))}\n`);
} finally {
  await running?.stop();
  for (const child of children) child.kill('SIGKILL');
  for (const host of [PRIMARY_HOST, VISITORS_HOST]) ip('netns', 'del', host);
  execFileSync('umount', ['/etc/resolv.conf']);
  rmSync(root, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
}
process.exit();
