import { dirname, join } from 'node:path';

/** The rooms of one floor. Those that stand side by side are imported by the floors above, and never by each other. */
export type Floor = { rooms: readonly string[]; holds: string };

/**
 * `lambda/` from the ground up: a file imports its own room and rooms of lower floors, types included. `docs/contributing.md` shows
 * the same table to people.
 */
export const FLOORS: readonly Floor[] = [
  { rooms: ['core/base'], holds: 'faults, fingerprints, times and shapes: what any room may need' },
  { rooms: ['core/probe'], holds: 'what is asked of a server, and how its answer is read' },
  {
    rooms: ['core/site'],
    holds: 'the configuration as it is deployed, who watches which site, the health of a server',
  },
  {
    rooms: ['core/zone'],
    holds: 'records, the role record, how a site stands in its zone, what Route 53 takes',
  },
  { rooms: ['core/evidence'], holds: 'what was seen, counted into verdicts and healths; when to look' },
  { rooms: ['core/decision'], holds: 'the decision table, damping, the limit of moves' },
  { rooms: ['core/state'], holds: 'what a controller leaves to its successor' },
  { rooms: ['core/steps'], holds: 'from a state and what happened to the next state' },
  { rooms: ['core/orders'], holds: 'what a person asks for, and what is answered' },
  { rooms: ['core/doctor'], holds: 'what is wrong with a deployment, and how to mend it' },
  {
    rooms: ['core/messages', 'core/view'],
    holds: 'the words that people read; the markup that they look at',
  },
  {
    rooms: ['core/channels'],
    holds: 'what pagers, chats and webhooks are sent, and what their answers mean',
  },
  { rooms: ['contract'], holds: 'names that the stacks, the functions and the local cloud spell alike' },
  { rooms: ['ports'], holds: 'the interfaces to everything outside' },
  { rooms: ['async', 'log'], holds: 'waiting within bounds; lines of the log' },
  { rooms: ['edge'], holds: 'one file for each outside system, behind its port' },
  {
    rooms: ['prober', 'book', 'notifier'],
    holds: 'probes on the wire; the states, read and stored; events, posted to channels',
  },
  { rooms: ['zones'], holds: 'what Route 53 lists and EC2 tells' },
  { rooms: ['assess'], holds: 'what is decided for each site, and what people are to hear of it' },
  { rooms: ['dns'], holds: 'name servers: found, asked, compared' },
  {
    rooms: ['observe', 'apply', 'notify', 'status'],
    holds: 'looks; moves; messages; what is shown to who asks',
  },
  { rooms: ['doctor'], holds: 'the visit that asks what core/doctor judges' },
  { rooms: ['controller', 'console'], holds: 'rounds and terms; orders' },
];

const HANDLERS = ['controller', 'console', 'prober', 'status', 'dead-man', 'notifier'];

/** The room of a file of `lambda/`: `core/zone`, `apply`, `ports`; `handler` for an entry point; undefined where it is in none. */
export const roomOf = (path: string): string | undefined => {
  const [, core, room, file] = /^lambda\/(core\/)?(?:([a-z-]+)\/)?([a-z0-9-]+)\.ts$/.exec(path) ?? [];
  if (room !== undefined) return `${core ?? ''}${room}`;
  if (core !== undefined || file === undefined) return undefined;
  if (file === 'contract' || file === 'ports') return file;
  return HANDLERS.includes(file) ? 'handler' : undefined;
};

const floorOf = (room: string): number =>
  room === 'handler' ? FLOORS.length : FLOORS.findIndex(({ rooms }) => rooms.includes(room));

/** The files of this repository that a source imports, types and dynamic imports too. */
export const importsOf = (path: string, source: string): string[] =>
  [...source.matchAll(/(?:\bfrom |\bimport\(|\bimport )'(\.[^']+\.[cm]?ts)'/g)].map(([, to = '']) =>
    join(dirname(path), to),
  );

/** Why a file of `lambda/` may not import these files, one line each. */
export const wrongImports = (path: string, imports: readonly string[]): string[] => {
  const room = roomOf(path);
  if (room === undefined || floorOf(room) < 0)
    return [`${path}: Expected a file of lambda/ to be in a room of the table, or a handler.`];
  return imports.flatMap((imported) => {
    const other = roomOf(imported);
    if (other === room && room !== 'handler') return [];
    if (other !== undefined && other !== 'handler' && floorOf(other) >= 0 && floorOf(other) < floorOf(room))
      return [];
    return [
      `${path}: Expected a file of ${room} to import its own room or a lower floor, received ${imported}. ` +
        'Move what both need down, or call from above with the value.',
    ];
  });
};

/** The circles among imports, each by its files: a file that reaches itself. */
export const circlesIn = (imports: ReadonlyMap<string, readonly string[]>): string[][] => {
  const reached = new Map<string, Set<string>>();
  const reach = (from: string): Set<string> => {
    const known = reached.get(from);
    if (known !== undefined) return known;
    const all = new Set<string>();
    const left = [...(imports.get(from) ?? [])];
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      if (all.has(next)) continue;
      all.add(next);
      left.push(...(imports.get(next) ?? []));
    }
    reached.set(from, all);
    return all;
  };
  const inCircle = [...imports.keys()].filter((path) => reach(path).has(path));
  const circles = Map.groupBy(inCircle, (path) =>
    inCircle.filter((other) => reach(path).has(other) && reach(other).has(path)).join(),
  );
  return [...circles.values()];
};
