import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { programFile } from '../lib/place.ts';
import { CannotStart } from './cannot-start.ts';
import type { FromWeb, ToWeb } from './web.ts';

/** One demo web server, a process of its own. */
export type WebServer = {
  name: string;
  address: string;
  port: number;
  pid: number;
  /** Ends it at once, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
  /** False too when somebody else has ended it. */
  isAlive(): boolean;
  /** Stops its process, as a machine that hangs: the kernel goes on taking connections. */
  hang(): void;
  /** Lets it go on after `hang`. */
  wake(): void;
  /** From here on it answers everything with this status, so late; resolves when it does. */
  answer(status: number, delayMs?: number): Promise<void>;
};

export type DemoServers = { primary: WebServer; standby: WebServer };

export const PRIMARY = { name: 'primary', address: '127.0.0.2' } as const;
export const STANDBY = { name: 'standby', address: '127.0.0.3' } as const;

/** Where the demo servers listen unless another program does. */
const USUAL_PORT = 8080;
const WEB = programFile('local/web');

type Started = { server: WebServer } | { error: string };

/** The primary and the standby on one port, since one URL must reach either. Rejects with `CannotStart`. */
export const startDemoServers = async (): Promise<DemoServers> => {
  for (const port of [USUAL_PORT, 0, 0, 0]) {
    const primary = await start(PRIMARY, port);
    if ('error' in primary) continue;
    const standby = await start(STANDBY, primary.server.port);
    if ('server' in standby) return { primary: primary.server, standby: standby.server };
    await primary.server.kill();
  }
  const places = `${PRIMARY.address} and ${STANDBY.address}`;
  throw new CannotStart(`The demo web servers found no port that is free on both ${places}.`);
};

/** The primary, and a standby on any port of its own, so that a gate can stand before it. Rejects with `CannotStart`. */
export const startServersBehindGate = async (): Promise<DemoServers> => {
  const servers = await startDemoServers();
  await servers.standby.kill();
  const behind = await start(STANDBY, 0);
  if ('server' in behind) return { primary: servers.primary, standby: behind.server };
  await servers.primary.kill();
  throw new CannotStart(`The demo standby found no free port on ${STANDBY.address}.`);
};

/** Starts a demo server again where it was. Rejects with `CannotStart`. */
export const restart = async ({ name, address, port }: WebServer): Promise<WebServer> => {
  const started = await start({ name, address }, port);
  if ('server' in started) return started.server;
  throw new CannotStart(
    `The demo ${name} server cannot listen on ${address}:${port}: another program uses it.`,
  );
};

const controlsOf = (child: ChildProcess, gone: Promise<unknown>) => ({
  kill: async (): Promise<void> => {
    child.kill('SIGKILL');
    await gone;
  },
  isAlive: () => child.exitCode === null && child.signalCode === null,
  hang: () => void child.kill('SIGSTOP'),
  wake: () => void child.kill('SIGCONT'),
  answer: async (status: number, delayMs = 0): Promise<void> => {
    const heard = once(child, 'message');
    // One that dies meanwhile hears nothing more.
    child.send({ status, delayMs } satisfies ToWeb, () => {});
    await Promise.race([heard, gone]);
  },
});

/** An error stands for a port in use, after which another may be tried; everything else rejects. */
const start = async (place: { name: string; address: string }, port: number): Promise<Started> => {
  const { name, address } = place;
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', WEB, name, address, String(port)],
    { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] },
  );
  const gone = once(child, 'exit');
  const said = await Promise.race([
    once(child, 'message').then(([message]) => message as FromWeb),
    gone.then(([code]): FromWeb => ({ error: `its process ended with ${code}` })),
  ]);
  if (said.error === undefined) {
    return { server: { name, address, port: said.port, pid: child.pid!, ...controlsOf(child, gone) } };
  }
  if (said.error === 'EADDRINUSE') return { error: said.error };
  const message = `The demo ${name} server cannot listen on ${address}`;
  if (said.error !== 'EADDRNOTAVAIL') throw new CannotStart(`${message}:${port}: ${said.error}.`);
  throw new CannotStart(
    `${message}: this machine has no such address. On macOS, add it with "sudo ifconfig lo0 alias ${address}".`,
  );
};
