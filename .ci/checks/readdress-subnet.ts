import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Got, Wanted } from './readdress-inside.ts';

/**
 * A subnet of network namespaces: two hosts, a client and a name server on one bridge. Everything is made in namespaces of its own
 * and goes with them; nothing of the machine's own network is touched. Needs root.
 */

const run = promisify(execFile);
const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const SCRIPT = here('../../readdress/switchover-readdress');
const WEB = here('../../local/web.ts');
const INSIDE = here('./readdress-inside.ts');
const NODE = [process.execPath, '--disable-warning=ExperimentalWarning'];

export const MOVING = '10.77.0.100';
/** As on a real host. */
export const POLL_MS = 2000;
export const DNS = '10.77.0.53';
/** Another name server, which hosts ask when they are told to. */
export const SECOND_DNS = '10.77.0.54';
const PORT = 8080;
const BRIDGE = 'hub';

export type Host = {
  name: 'primary' | 'standby';
  /** Whether its interface has the address. */
  holds(): Promise<boolean>;
  /** The processes of the website and of the script, to stop (SIGSTOP) and continue. */
  web: ChildProcess;
  script: ChildProcess;
  startScript(settings?: Record<string, string>): void;
  /** Pulls the cable at the switch, or puts it back. */
  cable(isIn: boolean): Promise<void>;
  /** The power goes: every process, and the address with them. */
  powerOff(): Promise<void>;
  powerOn(): Promise<void>;
  /** Everything that the script has said. */
  said: string[];
};

export type Subnet = {
  primary: Host;
  standby: Host;
  /** Sets what the name servers answer, or one of them; the epoch counts up unless it is given. */
  role(serving: string, epoch?: number, at?: string): Promise<void>;
  /** The name server's process. */
  dns: ChildProcess;
  /** Who serves the page that the client gets, or why nobody does. */
  page(): Promise<string>;
  close(): Promise<void>;
};

type Inside = { child: ChildProcess; ask(wanted: Omit<Wanted, 'id'>): Promise<string> };

export const makeSubnet = async (): Promise<Subnet> => {
  const prefix = `swo${process.pid}`;
  const directory = mkdtempSync(join(tmpdir(), 'switchover-readdress-'));
  const namespaces: string[] = [];
  const children = new Set<ChildProcess>();
  const named = (name: string): string => `${prefix}-${name}`;
  const ip = async (...words: string[]): Promise<string> => (await run('ip', words)).stdout;
  const start = (name: string, command: string[], stdio: ('ignore' | 'pipe' | 'ipc')[]): ChildProcess => {
    const child = spawn('ip', ['netns', 'exec', named(name), ...command], { stdio });
    children.add(child);
    child.on('exit', () => children.delete(child));
    return child;
  };
  const close = async (): Promise<void> => {
    for (const child of children) {
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
    }
    for (const namespace of namespaces.reverse()) await ip('netns', 'del', namespace);
    rmSync(directory, { recursive: true });
  };
  const addNamespace = async (name: string, address?: string): Promise<void> => {
    await ip('netns', 'add', named(name));
    namespaces.push(named(name));
    await ip('-n', named(name), 'link', 'set', 'lo', 'up');
    if (address === undefined) return;
    const [hub, own] = [named(BRIDGE), named(name)];
    await ip('-n', hub, 'link', 'add', name, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', own);
    await ip('-n', hub, 'link', 'set', name, 'master', 'br0', 'up');
    await ip('-n', own, 'address', 'add', `${address}/24`, 'dev', 'eth0');
    await ip('-n', own, 'link', 'set', 'eth0', 'up');
  };
  const inside = async (name: string, ...words: string[]): Promise<Inside> => {
    const child = start(name, [...NODE, INSIDE, ...words], ['ignore', 'ignore', 'ignore', 'ipc']);
    await once(child, 'message');
    let last = 0;
    const ask = async (wanted: Omit<Wanted, 'id'>): Promise<string> => {
      const id = ++last;
      const answered = new Promise<string>((resolve) => {
        const hear = (got: Got): void => {
          if (got.id !== id) return;
          child.off('message', hear as never);
          resolve(got.answer);
        };
        child.on('message', hear as never);
      });
      child.send({ id, ...wanted } satisfies Wanted);
      return answered;
    };
    return { child, ask };
  };

  const addHost = async (name: Host['name'], address: string): Promise<Host> => {
    await addNamespace(name, address);
    const said: string[] = [];
    const startWeb = async (): Promise<ChildProcess> => {
      const web = start(
        name,
        [...NODE, WEB, name, '0.0.0.0', `${PORT}`],
        ['ignore', 'ignore', 'ignore', 'ipc'],
      );
      await once(web, 'message');
      return web;
    };
    const startScript = (settings: Record<string, string> = {}): ChildProcess => {
      const all = {
        SITE: 'www.dyn.example.test',
        SERVER: name,
        ADDRESS: `${MOVING}/24`,
        INTERFACE: 'eth0',
        NAME_SERVERS: DNS,
        ...settings,
      };
      const file = join(directory, `${name}.conf`);
      writeFileSync(
        file,
        Object.entries(all)
          .map(([key, value]) => `${key}='${value}'\n`)
          .join(''),
      );
      const script = start(name, [SCRIPT, file], ['ignore', 'ignore', 'pipe']);
      script.stderr?.setEncoding('utf8').on('data', (text: string) => said.push(...text.trim().split('\n')));
      return script;
    };
    const host: Host = {
      name,
      said,
      web: await startWeb(),
      script: startScript(),
      startScript: (settings) => {
        host.script = startScript(settings);
      },
      holds: async () =>
        (await ip('-n', named(name), '-4', '-o', 'address', 'show', 'dev', 'eth0')).includes(`${MOVING}/`),
      cable: async (isIn) => {
        await ip('-n', named(BRIDGE), 'link', 'set', name, isIn ? 'up' : 'down');
      },
      powerOff: async () => {
        for (const child of [host.web, host.script]) {
          const gone = once(child, 'exit');
          child.kill('SIGKILL');
          await gone;
        }
        await ip('-n', named(name), 'address', 'flush', 'dev', 'eth0');
        await ip('-n', named(name), 'link', 'set', 'eth0', 'down');
      },
      powerOn: async () => {
        await ip('-n', named(name), 'address', 'add', `${address}/24`, 'dev', 'eth0');
        await ip('-n', named(name), 'link', 'set', 'eth0', 'up');
        host.web = await startWeb();
        host.script = startScript();
      },
    };
    return host;
  };

  try {
    await addNamespace(BRIDGE);
    await ip('-n', named(BRIDGE), 'link', 'add', 'br0', 'type', 'bridge');
    for (const address of [DNS, SECOND_DNS])
      await ip('-n', named(BRIDGE), 'address', 'add', `${address}/24`, 'dev', 'br0');
    await ip('-n', named(BRIDGE), 'link', 'set', 'br0', 'up');
    await addNamespace('client', '10.77.0.9');
    const dns = await inside(BRIDGE, 'dns', DNS, SECOND_DNS);
    const client = await inside('client', 'client');
    let epoch = 0;
    const role = async (serving: string, given?: number, at?: string): Promise<void> => {
      epoch = given ?? epoch + 1;
      const text = `v=1 epoch=${epoch} serving=${serving} mode=auto set=1a2b3c4d since=1795341600`;
      await dns.ask({ role: text, at });
      if (given !== undefined) epoch += 1;
    };
    await role('primary');
    return {
      role,
      dns: dns.child,
      page: () => client.ask({ url: `http://${MOVING}:${PORT}/` }),
      primary: await addHost('primary', '10.77.0.1'),
      standby: await addHost('standby', '10.77.0.2'),
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
};

/** Looks every tenth of a second until it is so; rejects after `limitMs` with what was seen last. */
export const until = async (
  what: string,
  look: () => Promise<string>,
  expected: string,
  limitMs = 15_000,
): Promise<number> => {
  const startMs = performance.now();
  for (;;) {
    const seen = await look();
    const ms = performance.now() - startMs;
    if (seen === expected) return ms;
    if (ms > limitMs)
      throw new Error(`${what}: expected ${expected} within ${limitMs / 1000} s, saw ${seen}`);
    await sleep(100);
  }
};
