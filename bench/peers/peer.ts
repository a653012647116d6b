import { accessSync, constants, readdirSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Scheme, Targets } from '../targets.ts';

/** What is to be probed: the servers of number 0 to `count` - 1. `dir` is empty, and the peer's own. */
export type Job = { scheme: Scheme; count: number; targets: Targets; dir: string };

/** What one look at all servers cost. Start-up counts for tools that are started for each look, and for no other. */
export type Measured = {
  probes: number;
  passed: number;
  cpuSeconds: number;
  wallSeconds: number;
  /** The first look of a process that goes on, if it differs: probes per CPU-second. */
  coldPerCpuSecond?: number;
  rssMb?: number;
};

/** A program that probes servers, ours included. */
export type Peer = {
  name: string;
  schemes: Scheme[];
  /** The file that must be there, and the Debian package that brings it. */
  needs?: { file: string; debian: string };
  measure(job: Job): Promise<Measured>;
};

/** Whether what the peer needs is on this machine. */
export const isThere = ({ needs }: Peer): boolean => needs === undefined || pathOf(needs.file) !== undefined;

const pathOf = (file: string): string | undefined =>
  [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/lib/nagios/plugins']
    .map((dir) => join(dir, file))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });

/** The path of a program of which `isThere` said that it is there. */
export const programOf = (file: string): string => pathOf(file) ?? file;

/** CPU time that a running process has used, all threads together, from the scheduler's own account in nanoseconds. */
export const cpuSecondsOf = (pid: number): number => {
  const tasks = readdirSync(`/proc/${pid}/task`);
  const used = tasks.map((task) =>
    Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, 'utf8').split(' ')[0]),
  );
  return used.reduce((sum, nanoseconds) => sum + nanoseconds, 0) / 1e9;
};
