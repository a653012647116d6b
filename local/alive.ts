import { readFileSync } from 'node:fs';

/** Whether a process of this number lives, ours or another user's. */
export const isAlive = (pid: number): boolean => {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return !isZombie(pid);
  } catch (error) {
    // EPERM: it lives, and belongs to another user.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
};

/** A zombie only waits for its parent to ask how it ended. */
const isZombie = (pid: number): boolean => {
  try {
    return /^\d+ \(.*\) Z /s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    // This file is Linux's.
    return false;
  }
};
