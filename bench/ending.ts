import type { ChildProcess } from 'node:child_process';

const started = new Set<ChildProcess>();

/** A detached program leads a group of its own, with which its workers end. */
const kill = ({ pid, exitCode, signalCode }: ChildProcess): void => {
  if (pid === undefined || exitCode !== null || signalCode !== null) return;
  for (const id of [-pid, pid]) {
    try {
      process.kill(id, 'SIGKILL');
      return;
    } catch {
      // It leads no group, or is gone.
    }
  }
};

const watch = (): void => {
  process.once('exit', () => started.forEach(kill));
  for (const [signal, number] of [
    ['SIGHUP', 1],
    ['SIGINT', 2],
    ['SIGTERM', 15],
  ] as const)
    process.once(signal, () => process.exit(128 + number));
};

/**
 * `child`, which ends when this process does, by whatever but SIGKILL: a program that is left behind holds the ports of the next
 * measurement and takes part in its figures.
 */
export const endsWithUs = <Child extends ChildProcess>(child: Child): Child => {
  if (started.size === 0) watch();
  started.add(child);
  return child;
};
