import { execFileSync, spawn } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The machines of the measurement. An address that no machine has is silent: what is sent there vanishes. */
export const PRIMARY = '10.99.0.2';
export const STANDBY = '10.99.0.3';
/** Moved by the lever `readdress`: it belongs to the site and not to a machine. */
export const SERVED = '10.99.0.4';

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** Runs this program again in a network and mount namespace of its own, which is gone when it ends. Answers what it printed. */
export const inNamespace = (flags: string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = [process.execPath, 'bench/run.ts', 'levers', ...flags];
    const child = spawn('unshare', ['--net', '--mount', ...command], {
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

/** Inside: loopback, the machines' addresses, a wire on which nobody else is, and a resolver on loopback for every program. */
export const setUp = (): void => {
  ip('link', 'set', 'lo', 'up');
  ip('link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'end');
  // Without ARP nobody notices that nobody is there: packets go out and no error comes back.
  for (const side of ['wire', 'end']) ip('link', 'set', side, 'arp', 'off', 'up');
  ip('address', 'add', '10.99.0.1/24', 'dev', 'wire');
  for (const machine of [PRIMARY, STANDBY]) ip('address', 'add', `${machine}/32`, 'dev', 'lo');
  const file = join(mkdtempSync(join(tmpdir(), 'switchover-resolver-')), 'resolv.conf');
  writeFileSync(file, 'nameserver 127.0.0.1\noptions timeout:1 attempts:3\n');
  execFileSync('mount', ['--bind', file, '/etc/resolv.conf']);
};

/** The machine is off: nothing that is sent to it is answered, on connections that are open neither. */
export const switchOff = (machine: string): void => ip('address', 'del', `${machine}/32`, 'dev', 'lo');
