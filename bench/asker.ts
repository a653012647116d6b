import { createSocket } from 'node:dgram';
import { decode, encode } from 'dns-packet';

/** A population: each of `names` names is asked for at Poisson times, by whoever. */
type Asking = {
  /** The resolver's, on loopback. */
  port: number;
  /** The names lie below these in turn: one of them is a group. */
  below: string[];
  names: number;
  /** For each name. */
  asksPerSecond: number;
  /** How long an answer is kept, roughly: see `startOf`. */
  keptSeconds: number;
};

/** `askedMs` by `performance.now()`; `address` is what was answered. */
export type Answered = { askedMs: number; group: number; address: string };
/** `unheard`: when what was never answered had been asked, or is not answered yet. */
export type Asker = { heard: Answered[]; unheard(): number[]; stop(): void };

const TICK_MS = 2;

/**
 * When the asks for a name begin, seconds, so that the resolver's cache is at once as if they had gone on for ever: a share of
 * the names, as many as are in the cache at any time, is first asked for when the answer it would hold runs out. Begun all at
 * once, busy names would be fetched all at once, again and again.
 */
const startOf = (name: number, { names, asksPerSecond, keptSeconds }: Asking): number => {
  const cached = (names * asksPerSecond * keptSeconds) / (1 + asksPerSecond * keptSeconds);
  return name < cached ? ((name + 0.5) / cached) * keptSeconds : 0;
};

/** Asks until it is stopped. */
export const startAsker = (asking: Asking): Asker => {
  const { port, below, names, asksPerSecond } = asking;
  const socket = createSocket('udp4');
  const open = new Map<number, Omit<Answered, 'address'>>();
  const heard: Answered[] = [];
  const beganMs = performance.now();
  /** An exponential time: the next ask of any of the names. */
  const pauseMs = (): number => (-Math.log(1 - Math.random()) / (names * asksPerSecond)) * 1000;
  let nextMs = beganMs + pauseMs();
  let asks = 0;
  socket.on('message', (message) => {
    const { id = 0, answers = [] } = decode(message);
    const asked = open.get(id);
    const [record] = answers;
    if (asked === undefined || record?.type !== 'A') return;
    open.delete(id);
    heard.push({ ...asked, address: record.data });
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    for (; nextMs <= nowMs; nextMs += pauseMs()) {
      const name = Math.floor(Math.random() * names);
      if (nextMs - beganMs < startOf(name, asking) * 1000) continue;
      const id = asks++ % 65_536;
      const group = name % below.length;
      open.set(id, { askedMs: nowMs, group });
      const question = { type: 'A' as const, name: `n${name}.${below[group]}` };
      // Recursion desired.
      socket.send(encode({ type: 'query', id, flags: 0x0100, questions: [question] }), port, '127.0.0.1');
    }
  }, TICK_MS);
  return {
    heard,
    unheard: () => [...open.values()].map(({ askedMs }) => askedMs),
    stop() {
      clearInterval(timer);
      socket.close();
    },
  };
};

/** Waits until the resolver answers for a name below `below`; rejects after ten seconds. */
export const untilAnswered = async (port: number, below: string): Promise<void> => {
  const asker = startAsker({ port, below: [below], names: 1, asksPerSecond: 20, keptSeconds: 0 });
  try {
    for (let tries = 0; tries < 100 && asker.heard.length === 0; tries += 1) {
      await new Promise((done) => setTimeout(done, 100));
    }
    if (asker.heard.length === 0) throw new Error('Nothing was answered for ten seconds.');
  } finally {
    asker.stop();
  }
};
