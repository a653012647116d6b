import { loadavg } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Clock } from '../lambda/ports.ts';
import type { VirtualCloud } from './virtual-cloud.ts';
import type { Count, Meter } from './virtual-wire.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;
const heapMb = (): number => {
  collect();
  return process.memoryUsage().heapUsed / 2 ** 20;
};

/** What a stretch of time took. */
export type Stretch = {
  what: string;
  virtualSeconds: number;
  cpuMs: number;
  farMs: number;
  heapMb: number;
} & {
  /** Sums of the whole stretch. */
  probes: number;
  writeUnits: number;
  counts: Record<string, Count>;
  errors: Record<string, number>;
  /** When sites were given records or moved for the last time, seconds from the beginning. */
  switched: { sites: number; firstSeconds: number; medianSeconds: number; lastSeconds: number };
};

/** Each site's switches of the last stretch, by when the last of them was, and where it stands since. */
const newSwitches = ({ lines }: VirtualCloud) => {
  let read = 0;
  const standing = new Map<string, { to: string; atMs: number }>();
  /** How many sites the zones send to this server. */
  const standingAt = (server: string): number => {
    for (const line of lines.slice(read))
      if (line.event === 'switch') standing.set(line.site, { to: line.to, atMs: Date.parse(line.at) });
    read = lines.length;
    return [...standing.values()].filter(({ to }) => to === server).length;
  };
  const since = (sinceMs: number): Stretch['switched'] => {
    const seconds = [...standing.values()]
      .flatMap(({ atMs }) => (atMs >= sinceMs ? [(atMs - sinceMs) / 1000] : []))
      .sort((a, b) => a - b);
    const at = (share: number) => seconds[Math.max(0, Math.ceil(share * seconds.length) - 1)] ?? 0;
    return { sites: seconds.length, firstSeconds: at(0), medianSeconds: at(0.5), lastSeconds: at(1) };
  };
  return { standingAt, since };
};

/** What stretches of time take, and where the zones send the sites meanwhile. */
export const newTally = (clock: Clock, meter: Meter, cloud: VirtualCloud) => {
  const switches = newSwitches(cloud);
  /** Counts what passes while `pass` does. */
  const stretch = async (what: string, pass: () => Promise<void>): Promise<Stretch> => {
    const [sinceMs, from] = [clock.now(), cloud.lines.length];
    const before = { probes: cloud.probes.count, writeUnits: cloud.table.writeUnits, farUs: meter.farUs };
    const known = new Map(meter.counts);
    const cpu = process.cpuUsage();
    await pass();
    const { user, system } = process.cpuUsage(cpu);
    switches.standingAt('');
    const farMs = (meter.farUs - before.farUs) / 1000;
    const counts = [...meter.counts].map(([operation, { calls, sent, received }]) => {
      const had = known.get(operation) ?? { calls: 0, sent: 0, received: 0 };
      return [
        operation,
        { calls: calls - had.calls, sent: sent - had.sent, received: received - had.received },
      ] as const;
    });
    const errors = cloud.lines.slice(from).flatMap((line) => (line.event === 'error' ? line.code : []));
    return {
      what,
      virtualSeconds: (clock.now() - sinceMs) / 1000,
      cpuMs: (user + system) / 1000 - farMs,
      farMs,
      heapMb: heapMb(),
      probes: cloud.probes.count - before.probes,
      writeUnits: cloud.table.writeUnits - before.writeUnits,
      counts: Object.fromEntries(counts.filter(([, { calls }]) => calls > 0)),
      errors: Object.fromEntries(
        [...Map.groupBy(errors, (code) => code)].map(([code, all]) => [code, all.length]),
      ),
      switched: switches.since(sinceMs),
    };
  };
  return { stretch, standingAt: switches.standingAt };
};

const row = (name: string, ...cells: string[]): string =>
  `  ${name.padEnd(36)}${cells.map((cell) => cell.padStart(13)).join('')}`;
export const thousands = (n: number): string =>
  n >= 100 ? Math.round(n).toLocaleString('en') : n.toFixed(2);

/** A stretch in words, for an interval of `intervalMs`. */
export const show = (seen: Stretch, sites: number, intervalMs: number): string => {
  const intervals = (seen.virtualSeconds * 1000) / intervalMs;
  const each = (n: number) => thousands(n / intervals);
  const { switched } = seen;
  return [
    `${seen.what}: ${Math.round(seen.virtualSeconds)} s of virtual time (load ${loadavg()[0]?.toFixed(1)})`,
    ...(switched.sites === 0
      ? []
      : [
          `  ${switched.sites} of ${sites} sites switched, after ${switched.firstSeconds.toFixed(1)} to ${switched.lastSeconds.toFixed(1)} s, half of them after ${switched.medianSeconds.toFixed(1)} s`,
        ]),
    `  an interval: ${each(seen.cpuMs)} ms of processor, ${each(seen.probes)} probes, ${each(seen.writeUnits)} KB units written; heap ${Math.round(seen.heapMb)} MB; errors ${JSON.stringify(seen.errors)}`,
    row('an interval', 'calls', 'KB sent', 'KB received'),
    ...Object.entries(seen.counts).map(([operation, { calls, sent, received }]) =>
      row(operation, each(calls), each(sent / 1000), each(received / 1000)),
    ),
  ].join('\n');
};
