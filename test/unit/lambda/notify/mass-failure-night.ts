import { newLife } from '../../../../fixtures/virtual/mishaps.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';

/** Many sites, each with a primary and a standby of its own. */
export const SITES = 200;
export const primaryOf = (at: number): string => `192.0.2.${at + 1}`;

export const worldOf = (
  count: number,
  maxMoveShare: number,
  failback: 'manual' | { afterSeconds: number },
) => {
  const sites = Array.from({ length: count }, (_, at) =>
    virtualSite(`a${String(at).padStart(3, '0')}`, {
      tags: [at % 2 === 0 ? 'shop' : 'blog'],
      failback,
      servers: [
        { name: 'primary', ipv4: [primaryOf(at)], ipv6: [], probeAddress: primaryOf(at) },
        { name: 'standby', ipv4: [`198.51.100.${at + 1}`], ipv6: [], probeAddress: `198.51.100.${at + 1}` },
      ],
    }),
  );
  const world = virtualWorld(virtualConfig(sites, { maxMoveShare }));
  const kill = (down: number) => {
    for (let at = 0; at < down; at++) world.servers.set(primaryOf(at), 'refuses');
  };
  return { world, kill };
};

/** A controller each minute, and what happens in between, by second. */
export const play = async (world: VirtualWorld, events: Record<number, () => void>, untilS: number) => {
  for (let atS = 0; atS < untilS; atS += 1) {
    await world.clock.runUntil(START_MS + atS * 1000);
    if (atS % 60 === 0)
      void runTerm(world.mortal(newLife(), 0), new Date(START_MS + atS * 1000).toISOString());
    events[atS]?.();
  }
  await world.clock.runUntil(START_MS + untilS * 1000);
};

/** 200 primaries die, come back eight minutes later, and are moved back to. */
export const night = async (maxMoveShare: number): Promise<VirtualWorld['mails']> => {
  const { world, kill } = worldOf(SITES, maxMoveShare, { afterSeconds: 300 });
  await play(world, { 130: () => kill(SITES), 600: () => world.servers.clear() }, 1120);
  return world.mails.filter(({ toldMs }) => toldMs > START_MS + 130_000);
};
