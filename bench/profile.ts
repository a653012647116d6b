import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { partOf, type Stretch, stretchesOf } from './modules.ts';

type CallFrame = { functionName: string; url: string; lineNumber: number };
type CpuProfile = { nodes: { id: number; callFrame: CallFrame }[]; samples: number[]; timeDeltas: number[] };

/** A share of the time that a process was busy, from 0 to 1. */
export type Share = { what: string; share: number };

/** Where a bundle spent its time, waiting left out: by part of the program, and by function; the largest first. */
export const profileOf = (directory: string): { parts: Share[]; functions: Share[] } => {
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`Expected a CPU profile in ${directory}, found none.`);
  const { nodes, samples, timeDeltas } = JSON.parse(
    readFileSync(join(directory, file), 'utf8'),
  ) as CpuProfile;
  const stretches = stretchesOf(readFileSync(join(directory, 'index.cjs'), 'utf8'));
  const frames = new Map(nodes.map(({ id, callFrame }) => [id, callFrame]));
  const spent = new Map<CallFrame, number>();
  for (const [index, id] of samples.entries()) {
    const frame = frames.get(id);
    if (frame === undefined || frame.functionName === '(idle)') continue;
    spent.set(frame, (spent.get(frame) ?? 0) + (timeDeltas[index] ?? 0));
  }
  return {
    parts: shares(spent, (frame) => partOfFrame(frame, stretches)),
    functions: shares(spent, (frame) => functionOf(frame, stretches)),
  };
};

const shares = (spent: Map<CallFrame, number>, nameOf: (frame: CallFrame) => string): Share[] => {
  const sums = new Map<string, number>();
  let whole = 0;
  for (const [frame, time] of spent) {
    const what = nameOf(frame);
    sums.set(what, (sums.get(what) ?? 0) + time);
    whole += time;
  }
  return [...sums]
    .map(([what, time]) => ({ what, share: time / whole }))
    .sort((one, other) => other.share - one.share);
};

/** Functions of Node in which nothing but OpenSSL takes time: starting, going on with and describing a handshake. */
const TLS = /^(TLSSocket\._start|methodProxy|TLSSocket\.getPeer\w+|TLSSocket\._wrapHandle|done wrap)/;
/** Calls into the kernel, and what the kernel does for the other end of a loopback connection meanwhile. */
const KERNEL = /^(internalConnect|writeBuffer|writeLatin1String|writeUtf8String|close|shutdown)$/;

const partOfFrame = (frame: CallFrame, stretches: Stretch[]): string => {
  const { functionName, url } = frame;
  if (functionName.startsWith('(')) return functionName.slice(1, -1);
  if (KERNEL.test(functionName)) return 'kernel: connect, write, close';
  if (TLS.test(functionName)) return 'TLS handshake';
  const module = moduleOf(frame, stretches);
  if (module !== undefined) return partOf(module);
  if (url.includes('/node_modules/undici/')) return 'undici';
  return url === '' ? 'native code' : 'Node';
};

const functionOf = (frame: CallFrame, stretches: Stretch[]): string => {
  const { functionName, url, lineNumber } = frame;
  if (functionName.startsWith('(')) return functionName;
  const name = functionName === '' ? '(anonymous)' : functionName;
  const module = moduleOf(frame, stretches);
  if (module !== undefined) return `${name}, ${module}`;
  return url === '' ? `${name}, native` : `${name}, ${basename(url)}:${lineNumber + 1}`;
};

const moduleOf = ({ url, lineNumber }: CallFrame, stretches: Stretch[]): string | undefined =>
  url.endsWith('/index.cjs') ? stretches.findLast(({ line }) => line <= lineNumber)?.module : undefined;
