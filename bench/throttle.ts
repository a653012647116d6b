import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Memory at which Lambda gives one whole core; less memory gets the same part of one (AWS documentation). */
const ONE_CORE_MB = 1_769;
/** Shorter than any timeout, and long enough for the smallest share to be a quota that the kernel takes (1 ms). */
const PERIOD_MS = 20;

export const cpuShareOf = (memoryMb: number): number => memoryMb / ONE_CORE_MB;

/** How a process is held to a share of one core. */
export type Throttle = { how: 'cgroup v2' | 'cgroup v1' | 'SIGSTOP and SIGCONT'; release(): void };

/** Holds the running process `pid`, all its threads together, to `share` of one core until it is released or gone. */
export const throttle = (pid: number, share: number): Throttle =>
  inGroup('/sys/fs/cgroup', 'cgroup v2', pid, share) ??
  inGroup('/sys/fs/cgroup/cpu', 'cgroup v1', pid, share) ??
  stopAndGo(pid, share);

const inGroup = (
  root: string,
  how: 'cgroup v2' | 'cgroup v1',
  pid: number,
  share: number,
): Throttle | undefined => {
  const group = join(root, `switchover-bench-${pid}`);
  const periodUs = PERIOD_MS * 1_000;
  const quotaUs = Math.round(share * periodUs);
  try {
    if (how === 'cgroup v2' && !existsSync(join(root, 'cgroup.controllers'))) return undefined;
    mkdirSync(group);
  } catch {
    return undefined;
  }
  const release = () => {
    if (existsSync(`/proc/${pid}`)) writeFileSync(join(root, 'cgroup.procs'), String(pid));
    rmdirSync(group);
  };
  try {
    if (how === 'cgroup v2') writeFileSync(join(group, 'cpu.max'), `${quotaUs} ${periodUs}`);
    else {
      writeFileSync(join(group, 'cpu.cfs_period_us'), String(periodUs));
      writeFileSync(join(group, 'cpu.cfs_quota_us'), String(quotaUs));
    }
    writeFileSync(join(group, 'cgroup.procs'), String(pid));
    return { how, release };
  } catch {
    rmdirSync(group);
    return undefined;
  }
};

/**
 * For machines without a cgroup that may be written: looks each millisecond at what the process has used, and stops it while that
 * is more than its share. Coarser than a quota of the kernel: a process may use a millisecond or two at a stretch.
 */
const stopAndGo = (pid: number, share: number): Throttle => {
  const usedMs = () => Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
  const startedAt = performance.now();
  const usedBefore = usedMs();
  let stopped = false;
  const look = () => {
    try {
      const allowedMs = (performance.now() - startedAt) * share;
      const tooMuch = usedMs() - usedBefore > allowedMs;
      if (tooMuch !== stopped) process.kill(pid, tooMuch ? 'SIGSTOP' : 'SIGCONT');
      stopped = tooMuch;
    } catch {
      clearInterval(timer);
    }
  };
  const timer = setInterval(look, 1);
  return {
    how: 'SIGSTOP and SIGCONT',
    release: () => {
      clearInterval(timer);
      if (stopped) process.kill(pid, 'SIGCONT');
    },
  };
};
