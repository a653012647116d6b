import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Observation, ProberAnswer, ProberEvent } from '../lambda/core/probe/request.ts';

/** One event answered by a bundle: what it said, and what it cost its process, JSON at both ends included. */
export type Answered = { observations: Observation[]; cpuSeconds: number; wallSeconds: number };

/** A bundle with a process of its own, which answers events one at a time, as a Lambda does. */
export type Host = {
  pid: number;
  ask(event: ProberEvent): Promise<Answered>;
  /** The answer to any event, as JSON. */
  run(event: unknown): Promise<string>;
  stop(): Promise<void>;
};

export type HostOptions = {
  nodeFlags?: string[];
  maxDescriptors?: number;
  /** The whole environment but for PATH: what this shell has set changes how long Node takes to start. */
  env?: Record<string, string>;
  /** What the shell does before it becomes the host: `enter` of a memory group. */
  before?: string;
  /** Gets each line that the bundle prints, which else goes where ours go. */
  onLine?: (line: string) => void;
};

const HOST = fileURLToPath(new URL('host.cjs', import.meta.url));

/** What Lambda starts Node with, as far as memory goes: nine tenths for the old generation, a twentieth for a half of the young one. */
export const nodeFlags = (memoryMb: number): string[] => [
  `--max-old-space-size=${Math.floor(memoryMb * 0.9)}`,
  `--max-semi-space-size=${Math.ceil(memoryMb * 0.05)}`,
];

/** Loads `bundle`, a CommonJS file that exports `handler`. */
export const startHost = async (bundle: string, options: HostOptions = {}): Promise<Host> => {
  const { nodeFlags = [], maxDescriptors = 16_384, env = {}, before = 'true', onLine } = options;
  // The hard limit too: Node raises the soft one to it.
  const shell = `${before} && ulimit -n ${maxDescriptors} && exec "$0" "$@"`;
  const child = spawn('sh', ['-c', shell, process.execPath, ...nodeFlags, HOST, bundle], {
    stdio: ['ignore', onLine === undefined ? 'inherit' : 'pipe', 'inherit', 'ipc'],
    env: { PATH: process.env.PATH, ...env },
  });
  if (child.stdout !== null && onLine !== undefined)
    createInterface({ input: child.stdout }).on('line', onLine);
  await message(child);
  const send = async (event: unknown) => {
    child.send(JSON.stringify(event));
    return (await message(child)) as Omit<Answered, 'observations'> & { answer: string };
  };
  return {
    pid: child.pid as number,
    async ask(event) {
      const { answer, ...cost } = await send(event);
      return { ...(JSON.parse(answer) as ProberAnswer), ...cost };
    },
    run: async (event) => (await send(event)).answer,
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.disconnect();
      await exited;
    },
  };
};

const message = async (child: ChildProcess): Promise<unknown> => {
  const over = new AbortController();
  const { signal } = over;
  try {
    return await Promise.race([
      once(child, 'message', { signal }).then(([said]) => said),
      once(child, 'exit', { signal }).then(([exitCode, by]) => {
        throw new Error(`Expected the host of the bundle to answer, it exited (${exitCode ?? by}).`);
      }),
    ]);
  } finally {
    over.abort();
  }
};

/** The most memory that a process has held so far, MB. */
export const peakRssMb = (pid: number): number =>
  Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1_024;
