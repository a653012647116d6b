/**
 * A small internet on loopback for the doctor: BIND as root and parent zone, a second BIND as a resolver that iterates from its
 * root hints, unbound in front of it, and relays.
 *
 * Delegations have no ports. So every name server has an address of its own in 127.0.0.0/8 and all have one port: BIND's option
 * `port` makes it ask there, as `switchover check --dns ADDRESS:PORT` does. BIND listens at addresses of the machine's interfaces
 * alone, hence the relays from 127.0.0.x to wherever the server is.
 */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { dnsClient } from '../../lambda/edge/dns.ts';

/** Of this process alone: a server that another run left behind would answer half of what is asked. */
export const PORT = 20_000 + (process.pid % 10_000) * 4;
export const PARENT = '127.0.0.53';
/** The iterating BIND itself listens where BIND can. */
export const ITERATOR = '127.0.0.1';
export const UNBOUND = '127.0.0.55';
/** A resolver with an answer of its own for www.site.test. */
export const STUBBORN = '127.0.0.57';
export const SIGNED = '127.0.0.56';
/** Another version of the parent zone. */
export const OLD = '127.0.0.58';
export const SILENT = '127.0.0.99';

const PORTS = { parent: PORT + 1, signed: PORT + 2, old: PORT + 3 };
const OPTIONS = `
  listen-on-v6 { none; };
  dnssec-validation no;
  empty-zones-enable no;
  pid-file none; session-keyfile none; lock-file none;`;

const HEAD = (more = '') => `$TTL 3600
@ SOA a.root. h.root. 1 3600 900 604800 900
@ NS a.root.
${more}`;

export type Lab = {
  /** Replaces the parent zone site.test (records, one a line, in BIND's own format), and the addresses of name servers. */
  publish(parent: string, addresses: string): Promise<void>;
  /** Serves a signed copy of the zone dyn.site.test at SIGNED, and another version of its parent at OLD; answers the DS records of its key. */
  sign(records: string, parent: string): Promise<string[]>;
  /** What is asked at this address goes to that local port from now on; to nobody without one. */
  relay(address: string, port?: number): Promise<void>;
  close(): Promise<void>;
};

const running: ChildProcess[] = [];
const start = (program: string, args: string[]): ChildProcess => {
  const child = spawn(program, args, { stdio: 'ignore' });
  running.push(child);
  return child;
};

const stopAll = async (): Promise<void> => {
  for (const child of running.splice(0)) {
    if (child.exitCode !== null || child.signalCode !== null) continue;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  }
};

const answers = async (address: string, port: number, name: string): Promise<void> => {
  const dns = dnsClient();
  for (let tries = 0; tries < 100; tries += 1) {
    try {
      const { rcode } = await dns.ask({ address, port }, { name, type: 'SOA', recursion: true }, 500);
      if (rcode === 'NOERROR') return;
    } catch {
      // It has not started yet.
    }
    await sleep(100);
  }
  await stopAll();
  throw new Error(`Expected a DNS server at ${address}:${port} to answer for ${name || 'the root'}.`);
};

/** Of what it is asked it asks the iterating BIND, and keeps nothing. `.test` is nobody's business to a resolver unless it is told. */
const unbound = (root: string, address: string, more = '') => `server:
  interface: ${address}@${PORT}
  outgoing-interface: 127.0.0.1
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  local-zone: "test." nodefault
  do-daemonize: no
  use-syslog: no
  chroot: ""
  username: ""
  directory: "${root}"
  pidfile: ""
  module-config: "iterator"
  cache-max-ttl: 0
  cache-max-negative-ttl: 0
  infra-host-ttl: 0
  ${more}
remote-control:
  control-enable: no
forward-zone:
  name: "."
  forward-addr: ${ITERATOR}@${PORT}
`;

export const startLab = async (root: string): Promise<Lab> => {
  mkdirSync(root, { recursive: true });
  const write = (file: string, text: string) => writeFileSync(join(root, file), text);
  const zone = (name: string) => `zone "${name}" { type primary; file "${root}/${name || 'root'}.zone"; };`;
  write('root.zone', HEAD(`a.root. A ${PARENT}\nsite.test. NS a.root.`));
  write('site.test.zone', HEAD());
  write(
    'parent.conf',
    `options { directory "${root}"; listen-on port ${PORTS.parent} { 127.0.0.1; }; recursion no; ${OPTIONS} };
controls { };
zone "." { type primary; file "${root}/root.zone"; };
${zone('site.test')}`,
  );
  write('hints', `. 3600 NS a.root.\na.root. 3600 A ${PARENT}\n`);
  // Nothing is kept: each fault is planted into the world as it is now.
  write(
    'iterator.conf',
    `options { directory "${root}"; port ${PORT}; listen-on { ${ITERATOR}; }; query-source address 127.0.0.1;
  recursion yes; allow-recursion { any; }; max-cache-ttl 0; max-ncache-ttl 0; max-cache-size 32M; servfail-ttl 0; lame-ttl 0; ${OPTIONS} };
controls { };
zone "." { type hint; file "${root}/hints"; };`,
  );
  write('unbound.conf', unbound(root, UNBOUND));
  write('stubborn.conf', unbound(root, STUBBORN, 'local-data: "www.site.test. 60 A 127.0.0.88"'));
  const relays = new Map<string, Relay>();
  const relay = async (address: string, port?: number): Promise<void> => {
    await relays.get(address)?.close();
    relays.delete(address);
    if (port !== undefined) relays.set(address, await startRelay(address, port));
  };
  const parent = start('named', ['-f', '-c', join(root, 'parent.conf')]);
  await relay(PARENT, PORTS.parent);
  await answers(PARENT, PORT, '');
  start('named', ['-f', '-c', join(root, 'iterator.conf')]);
  await answers(ITERATOR, PORT, 'site.test');
  for (const name of ['unbound', 'stubborn']) start('unbound', ['-c', join(root, `${name}.conf`)]);
  await answers(UNBOUND, PORT, 'site.test');
  let serial = 1;
  return {
    relay,
    async publish(records, addresses) {
      serial += 1;
      const head = (more: string) => HEAD(more).replace(' 1 3600', ` ${serial} 3600`);
      write('root.zone', head(`a.root. A ${PARENT}\nsite.test. NS a.root.\n${addresses}`));
      write('site.test.zone', head(records));
      parent.kill('SIGHUP');
      for (let tries = 0; tries < 100; tries += 1) {
        const soa = async (name: string) =>
          (await dnsClient().ask({ address: PARENT, port: PORT }, { name, type: 'SOA' })).answers[0]?.value;
        const [above, below] = [await soa(''), await soa('site.test')];
        if (above?.includes(` ${serial} `) && below?.includes(` ${serial} `)) return;
        await sleep(50);
      }
      throw new Error(`BIND did not load what was published:\n${records}\n${addresses}`);
    },
    async sign(records, above) {
      const name = 'dyn.site.test';
      write(`${name}.zone`, records);
      write('old.zone', HEAD(above));
      const run = (program: string, ...args: string[]) =>
        execFileSync(program, args, { cwd: root, stdio: ['ignore', 'pipe', 'ignore'] })
          .toString()
          .trim();
      const key = run('dnssec-keygen', '-q', '-a', 'ECDSAP256SHA256', '-f', 'KSK', name);
      run('dnssec-signzone', '-S', '-z', '-o', name, '-f', `${name}.signed`, `${name}.zone`);
      write(
        'signed.conf',
        `options { directory "${root}"; listen-on port ${PORTS.signed} { 127.0.0.1; }; recursion no; ${OPTIONS} };
controls { };
zone "${name}" { type primary; file "${root}/${name}.signed"; };`,
      );
      write(
        'old.conf',
        `options { directory "${root}"; listen-on port ${PORTS.old} { 127.0.0.1; }; recursion no; ${OPTIONS} };
controls { };
zone "site.test" { type primary; file "${root}/old.zone"; };`,
      );
      start('named', ['-f', '-c', join(root, 'old.conf')]);
      await relay(OLD, PORTS.old);
      start('named', ['-f', '-c', join(root, 'signed.conf')]);
      await relay(SIGNED, PORTS.signed);
      await answers(SIGNED, PORT, name);
      return run('dnssec-dsfromkey', '-2', `${key}.key`)
        .split('\n')
        .map((line) => line.replace(/^.*? DS /, 'DS '));
    },
    async close() {
      for (const address of [...relays.keys()]) await relay(address);
      await stopAll();
    },
  };
};

type Relay = { close(): Promise<void> };

/** Passes on what comes over UDP and TCP, each question on a socket of its own. */
const startRelay = async (address: string, to: number): Promise<Relay> => {
  const udp = createSocket('udp4');
  udp.on('message', (query, from) => {
    const onward = createSocket('udp4');
    onward.on('error', () => {});
    const timer = setTimeout(() => onward.close(), 3000);
    onward.on('message', (answer) => {
      clearTimeout(timer);
      udp.send(answer, from.port, from.address, () => onward.close());
    });
    onward.send(query, to, '127.0.0.1');
  });
  udp.bind(PORT, address);
  await once(udp, 'listening');
  const tcp = createServer((socket) => {
    const onward = connect(to, '127.0.0.1');
    for (const [one, other] of [
      [socket, onward],
      [onward, socket],
    ] as const) {
      one.on('error', () => other.destroy());
      one.pipe(other);
    }
  });
  tcp.listen(PORT, address);
  await once(tcp, 'listening');
  return {
    close: async () => {
      udp.close();
      tcp.close();
      await once(tcp, 'close');
    },
  };
};
