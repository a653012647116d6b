import { execFileSync, spawn } from 'node:child_process';
import { Resolver } from 'node:dns/promises';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const SITE = 'www.flip.example';
/** The machines of the measurement. An address that no machine has is silent: what is sent there vanishes. */
export const PRIMARY = '10.99.0.2';
export const STANDBY = '10.99.0.3';
/**
 * Moved by the lever `readdress`: it belongs to the site and not to a machine. The local cloud forwards it to the machine that
 * holds it, and does so for addresses of 127.0.0.0/8 alone.
 */
export const SERVED = '127.0.0.10';
/** Where visitors and probes come from. */
const OUTSIDE = '10.99.0.1';

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
};

const NAMESPACES = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc'];

/**
 * Runs this program again in namespaces of its own, networks, mounts and processes. When it ends, well or not, all that it started
 * ends with it. Answers what it printed.
 */
export const inNamespace = (flags: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = [process.execPath, 'bench/run.ts', 'levers', ...flags];
    const child = spawn('unshare', [...NAMESPACES, ...command], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(printed);
      else
        reject(new Error(`Expected the measurement ${flags.join(' ')} to end well, it ended with ${code}.`));
    });
  });

/**
 * A machine's address, as one of this machine's. What is sent to it always comes from the same place: were it sent from the address
 * itself, as usual on one machine, then clients would take what is there before what is off, by the rules of RFC 6724 and not of luck.
 */
const here = (machine: string): string[] => ['local', `${machine}/32`, 'dev', 'lo', 'src', OUTSIDE];

/** Inside: loopback, the machines' addresses, a wire on which nobody else is, and a resolver on loopback for every program. */
export const setUp = (): void => {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'end');
  // Without ARP nobody notices that nobody is there: packets go out and no error comes back.
  for (const side of ['wire', 'end']) ip('link', 'set', side, 'arp', 'off', 'up');
  ip('address', 'add', `${OUTSIDE}/24`, 'dev', 'wire');
  for (const machine of [PRIMARY, STANDBY]) ip('route', 'add', ...here(machine));
  const file = join(mkdtempSync(join(tmpdir(), 'switchover-resolver-')), 'resolv.conf');
  writeFileSync(file, 'nameserver 127.0.0.1\noptions timeout:1 attempts:3\n');
  execFileSync('mount', ['--bind', file, '/etc/resolv.conf']);
};

/** The machine is off: nothing that is sent to it is answered, on connections that are open neither. */
export const switchOff = (machine: string): void => ip('route', 'del', ...here(machine));

/** Until the name server or resolver on this port of loopback gives at least so many addresses for the site. Rejects after a minute. */
export const untilThere = async (port: number, atLeast = 1): Promise<void> => {
  const resolver = new Resolver({ timeout: 500, tries: 1 });
  resolver.setServers([`127.0.0.1:${port}`]);
  let found: string[] = [];
  for (const end = performance.now() + 60_000; performance.now() < end; ) {
    found = await resolver.resolve4(SITE).catch(() => []);
    if (found.length >= atLeast) return;
    await new Promise((done) => setTimeout(done, 100));
  }
  throw new Error(
    `Expected ${atLeast} or more addresses of ${SITE} within a minute, received ${found.join(', ') || 'none'}.`,
  );
};
