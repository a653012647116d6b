import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isAlive } from './alive.ts';
import { stateFile } from './directory.ts';
import type { Ready } from './events.ts';

/** Where a running local cloud is, for programs that are given its state directory. */
export type Running = Pick<Ready, 'aws' | 'dns' | 'functions' | 'operator'> & {
  pid: number;
  /** The home region of what runs there. */
  region: string;
};

const fileIn = (stateDir: string): string => stateFile(stateDir, 'running.json');

/** For curl's `-H @FILE`: the header that the local cloud's own interface asks for. */
const headerIn = (stateDir: string): string => stateFile(stateDir, 'authorization.txt');
/** Whoever can read the keys may call everything. */
const PRIVATE = { mode: 0o600 };

/** Writes into its state directory where this process's local cloud is, and its keys; answers what strikes it off again. */
export const tellRunning = (
  { aws, dns, functions, operator, state }: Ready,
  region: string,
): (() => void) => {
  const running: Running = { pid: process.pid, region, aws, dns, functions, operator };
  const files = [headerIn(state), fileIn(state)] as const;
  const texts = [
    `authorization: Bearer ${operator.secretAccessKey}\n`,
    `${JSON.stringify(running, null, 2)}\n`,
  ];
  for (const [index, file] of files.entries()) {
    const draft = `${file}.new`;
    // A draft that was left there would keep its mode.
    rmSync(draft, { force: true });
    writeFileSync(draft, texts[index] ?? '', PRIVATE);
    renameSync(draft, file);
  }
  return () => {
    for (const file of files) rmSync(file, { force: true });
  };
};

/** The local cloud that runs on a state directory; undefined when none does, also after one that was killed. */
export const readRunning = (stateDir: string): Running | undefined => {
  try {
    const running = JSON.parse(readFileSync(fileIn(stateDir), 'utf8')) as Running;
    // Another cloud may have the port by now, and it must not get orders that are meant for this one.
    return isAlive(running.pid) ? running : undefined;
  } catch {
    return undefined;
  }
};
