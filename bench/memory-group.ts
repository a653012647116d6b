import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A group whose processes may use so much memory together; the kernel ends one that asks for more. */
export type MemoryGroup = {
  /** What a shell does to put itself, and so what it then runs, into the group. */
  enter: string;
  remove(): void;
};

let groups = 0;

/** A group with `memoryMb`, where one may be made (cgroup v1 or v2, as root); swap is no way out of it. */
export const memoryGroup = (memoryMb: number): MemoryGroup | undefined =>
  make('/sys/fs/cgroup/memory', 'memory.limit_in_bytes', 'memory.memsw.limit_in_bytes', memoryMb) ??
  make('/sys/fs/cgroup', 'memory.max', 'memory.swap.max', memoryMb);

const make = (root: string, limit: string, swap: string, memoryMb: number): MemoryGroup | undefined => {
  groups += 1;
  const group = join(root, `switchover-memory-${process.pid}-${groups}`);
  try {
    mkdirSync(group);
    writeFileSync(join(group, limit), String(memoryMb * 1_048_576));
    if (existsSync(join(group, swap))) {
      writeFileSync(join(group, swap), swap.includes('memsw') ? String(memoryMb * 1_048_576) : '0');
    }
    return { enter: `echo $$ > ${join(group, 'cgroup.procs')}`, remove: () => rmdirSync(group) };
  } catch {
    if (existsSync(group)) rmdirSync(group);
    return undefined;
  }
};
