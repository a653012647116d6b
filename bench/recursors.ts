import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startDns } from '../local/dns.ts';

/** What to run, given where to listen, whom to ask and a directory of its own; it stays in the foreground. */
type Recipe = {
  /** Key of `RESOLVERS` in lib/forecast/resolvers.ts. */
  keeps: 'unbound' | 'bind' | 'dnsmasq' | 'knot' | 'pdns';
  program: string;
  debianPackage: string;
  /** Whatever the TTL says, answers are kept at least so long, seconds. */
  floorSeconds?: number;
  files(at: Place): Record<string, string>;
  flags(at: Place): string[];
};
type Place = { dir: string; port: number; upstream: number };

const unbound = ({ dir, port, upstream }: Place, more = ''): string => `
server:
  interface: 127.0.0.1@${port}
  outgoing-interface: 127.0.0.1
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  do-daemonize: no
  use-syslog: no
  chroot: ""
  username: ""
  directory: "${dir}"
  pidfile: ""
  module-config: "iterator"
  ${more}
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: 127.0.0.1@${upstream}
`;

const bind = ({ dir, port, upstream }: Place): string => `
options {
  directory "${dir}";
  listen-on port ${port} { 127.0.0.1; };
  listen-on-v6 { none; };
  query-source address 127.0.0.1;
  forwarders { 127.0.0.1 port ${upstream}; };
  forward only;
  recursion yes;
  allow-query { 127.0.0.0/8; };
  dnssec-validation no;
  pid-file none;
  session-keyfile none;
  lock-file none;
};
controls { };
logging { category default { null; }; };
`;

const knot = ({ port, upstream }: Place): string => `
net.listen('127.0.0.1', ${port}, { kind = 'dns' })
net.ipv6 = false
net.outgoing_v4('127.0.0.1')
trust_anchors.remove('.')
modules.unload('ta_update')
modules.unload('ta_signal_query')
modules.unload('detect_time_skew')
modules.unload('detect_time_jump')
modules.unload('priming')
modules = { 'predict' }
policy.add(policy.all(policy.FORWARD('127.0.0.1@${upstream}')))
`;

const pdns = ({ dir, port, upstream }: Place): string => `
local-address=127.0.0.1
local-port=${port}
query-local-address=127.0.0.1
dont-query=
forward-zones-recurse=.=127.0.0.1:${upstream}
dnssec=off
hint-file=no
socket-dir=${dir}
config-dir=${dir}
daemon=no
security-poll-suffix=
write-pid=no
disable-syslog=yes
quiet=yes
loglevel=3
allow-from=127.0.0.0/8
`;

const dnsmasq = ({ port, upstream }: Place): string[] => [
  '--keep-in-foreground',
  '--conf-file=/dev/null',
  '--pid-file=',
  '--user=root',
  '--listen-address=127.0.0.1',
  '--bind-interfaces',
  `--port=${port}`,
  '--no-resolv',
  '--no-hosts',
  `--server=127.0.0.1#${upstream}`,
  // A cache of 150 names, its default, would forget names before their time.
  '--cache-size=50000',
  '--dns-forward-max=2000',
];

/** As Debian's packages configure them, apart from whom they ask, and a dnsmasq and an unbound that keep answers too long. */
export const RECURSORS: Record<string, Recipe> = {
  unbound: {
    keeps: 'unbound',
    program: 'unbound',
    debianPackage: 'unbound',
    files: (at) => ({ 'unbound.conf': unbound(at) }),
    flags: ({ dir }) => ['-c', join(dir, 'unbound.conf')],
  },
  BIND: {
    keeps: 'bind',
    program: 'named',
    debianPackage: 'bind9',
    files: (at) => ({ 'named.conf': bind(at) }),
    flags: ({ dir }) => ['-4', '-f', '-n', '1', '-c', join(dir, 'named.conf')],
  },
  dnsmasq: {
    keeps: 'dnsmasq',
    program: 'dnsmasq',
    debianPackage: 'dnsmasq-base',
    files: () => ({}),
    flags: dnsmasq,
  },
  'Knot Resolver': {
    keeps: 'knot',
    program: 'kresd',
    debianPackage: 'knot-resolver',
    files: (at) => ({ 'kresd.conf': knot(at) }),
    flags: ({ dir }) => ['-n', '-c', join(dir, 'kresd.conf'), dir],
  },
  'PowerDNS Recursor': {
    keeps: 'pdns',
    program: 'pdns_recursor',
    debianPackage: 'pdns-recursor',
    files: (at) => ({ 'recursor.conf': pdns(at) }),
    flags: ({ dir }) => [`--config-dir=${dir}`],
  },
  'unbound, cache-min-ttl 20': {
    keeps: 'unbound',
    program: 'unbound',
    debianPackage: 'unbound',
    floorSeconds: 20,
    files: (at) => ({ 'unbound.conf': unbound(at, 'cache-min-ttl: 20') }),
    flags: ({ dir }) => ['-c', join(dir, 'unbound.conf')],
  },
};

const PATHS = `${process.env.PATH}:/usr/sbin:/usr/local/sbin`;

export const isInstalled = (program: string): boolean =>
  spawnSync('sh', ['-c', `command -v ${program}`], { env: { PATH: PATHS } }).status === 0;

export type Running = { port: number; stop(): Promise<void> };

/**
 * Starts the recursor on a port of loopback, a free one unless it is named, in front of the name server on `upstream`. Rejects
 * when `answered` does, which waits until an answer comes through it, ten seconds at most.
 */
export const startRecursor = async (
  name: string,
  root: string,
  upstream: number,
  answered: (port: number) => Promise<void>,
  wantedPort?: number,
): Promise<Running> => {
  const recipe = RECURSORS[name] as Recipe;
  const dir = join(root, name.replace(/\W+/g, '-'));
  mkdirSync(dir, { recursive: true });
  const port = wantedPort ?? (await freePort());
  const at = { dir, port, upstream };
  for (const [file, text] of Object.entries(recipe.files(at))) writeFileSync(join(dir, file), text);
  const child = spawn(recipe.program, recipe.flags(at), {
    cwd: dir,
    env: { PATH: PATHS },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2000);
  });
  child.on('error', (error) => {
    said = error.message;
  });
  const stop = () => stopped(child);
  try {
    await answered(port);
  } catch (error) {
    await stop();
    throw new Error(`Expected ${name} to answer within 10 s, it did not. It says: ${said || 'nothing'}`, {
      cause: error,
    });
  }
  return { port, stop };
};

const stopped = async (child: ChildProcess): Promise<void> => {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), 3000);
  await exited;
  clearTimeout(forced);
};

/** One that is free for UDP and TCP, which all of them listen on. */
const freePort = async (): Promise<number> => {
  const dns = await startDns({ port: 0, host: '127.0.0.1', answer: () => undefined });
  await dns.close();
  return dns.port;
};
