import { type ChildProcessByStdio, spawn } from 'node:child_process';
import type { Writable } from 'node:stream';

/**
 * Frees frozen children when this process dies without a word. A stopped process cannot notice that its parent is gone, so
 * one small shell outlives us by a moment: it learns the pids on its standard input and, when that ends, continues them;
 * each then sees its IPC channel closed and exits by itself. It only ever sends CONT, which does nothing to a process that
 * is not stopped, so a recycled pid comes to no harm.
 */
export type Warden = {
  /** Must be called before the process is first stopped. */
  watch(pid: number): void;
  close(): void;
};

const SCRIPT = `trap '' INT TERM HUP
pids=
while read -r pid; do pids="$pids $pid"; done
for pid in $pids; do kill -CONT "$pid" 2>/dev/null; done`;

export const startWarden = (): Warden => {
  const pids: number[] = [];
  let closed = false;
  const start = (): ChildProcessByStdio<Writable, null, null> => {
    // Its own session: neither the terminal's Ctrl-C nor a signal to our process group reaches it.
    const shell = spawn('/bin/sh', ['-c', SCRIPT], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
    shell.unref();
    shell.stdin.on('error', () => {});
    for (const pid of pids) shell.stdin.write(`${pid}\n`);
    // Somebody may kill it while we live: another takes its place.
    shell.once('exit', () => {
      if (!closed) current = start();
    });
    return shell;
  };
  let current = start();
  return {
    watch: (pid) => {
      pids.push(pid);
      current.stdin.write(`${pid}\n`);
    },
    close: () => {
      closed = true;
      current.stdin.end();
    },
  };
};
