import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

type CallFrame = { functionName: string; url: string; lineNumber: number };
type Profile = { nodes: { id: number; callFrame: CallFrame }[]; samples: number[]; timeDeltas: number[] };

/** Where a process spent its time, waiting left out: shares of the whole, the largest first. */
export const hottest = (directory: string, atMost: number): { place: string; share: number }[] => {
  const file = readdirSync(directory).find((name) => name.endsWith('.cpuprofile'));
  if (file === undefined) throw new Error(`Expected a CPU profile in ${directory}, found none.`);
  const profile = JSON.parse(readFileSync(join(directory, file), 'utf8')) as Profile;
  const places = new Map(profile.nodes.map(({ id, callFrame }) => [id, placeOf(callFrame)]));
  const spent = new Map<string, number>();
  for (const [index, id] of profile.samples.entries()) {
    const place = places.get(id) ?? '(unknown)';
    spent.set(place, (spent.get(place) ?? 0) + (profile.timeDeltas[index] ?? 0));
  }
  spent.delete('(idle)');
  const whole = [...spent.values()].reduce((sum, time) => sum + time, 0);
  return [...spent]
    .sort(([, one], [, other]) => other - one)
    .slice(0, atMost)
    .map(([place, time]) => ({ place, share: time / whole }));
};

const placeOf = ({ functionName, url, lineNumber }: CallFrame): string => {
  if (/^\((idle|program|garbage collector|root)\)$/.test(functionName)) return functionName;
  const name = functionName === '' ? '(anonymous)' : functionName;
  return url === '' ? `${name} (native)` : `${name} ${basename(url)}:${lineNumber + 1}`;
};
