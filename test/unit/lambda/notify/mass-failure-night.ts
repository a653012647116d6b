import { statusLines } from '../../../../bin/commands/status-lines.ts';
import { paint } from '../../../../bin/screen.ts';
import { newLife } from '../../../../fixtures/virtual/mishaps.ts';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { pagerdutyPosts } from '../../../../lambda/core/channels/pagerduty.ts';
import type { StatusDocument } from '../../../../lambda/core/orders/status-document.ts';

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

const WIDE = { colour: false, width: 120 };
/** `+1:05`: minutes and seconds since the first death. */
const since = (ms: number): string => {
  const seconds = Math.round((ms - START_MS) / 1000) - 130;
  return `+${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};
const dead = ({ toldMs }: { toldMs: number }): boolean => toldMs > START_MS + 130_000;

/** 200 primaries die, come back eight minutes later, and are moved back to: the mails, and what docs/night.md shows of it. */
export const night = async (
  maxMoveShare: number,
): Promise<{ mails: VirtualWorld['mails']; shown: Record<string, string> }> => {
  const { world, kill } = worldOf(SITES, maxMoveShare, { afterSeconds: 300 });
  const screens: Record<string, string> = {};
  const look = (name: string) => () =>
    void answerCommand(world.seenBy(), { action: 'status' }).then((answer) => {
      const shown = { all: false, notFine: false, sort: 'worst' as const };
      screens[name] = statusLines(answer as StatusDocument, WIDE, shown)
        .map((line) => paint(WIDE, line).trimEnd())
        .join('\n');
    });
  const events = {
    130: () => kill(SITES),
    190: look('minute'),
    400: look('moved'),
    600: () => world.servers.clear(),
  };
  await play(world, events, 1120);
  const mails = world.mails.filter(dead);
  const told = world.events.filter(dead);
  const shop = told.filter(({ tags }) => tags.includes('shop'));
  const posts = told.flatMap((event) =>
    pagerdutyPosts(event, { key: 'k' }).map(({ body }) => {
      const { event_action: does = 'change', dedup_key: alert = '', payload } = JSON.parse(String(body));
      return [since(event.toldMs), does, alert, payload?.severity].filter(Boolean).join('  ');
    }),
  );
  const [first] = mails;
  const shown = {
    ...screens,
    mails: mails.map(({ toldMs, subject }) => `${since(toldMs)}  ${subject}`).join('\n'),
    phone: `${first?.subject}\n\n${first?.text}`,
    pager: posts.join('\n'),
    shop: shop
      .map(({ toldMs, state, severity, headline, siteCount }) =>
        [since(toldMs), state, severity, headline, siteCount > 0 ? `${siteCount} sites` : 'all over'].join(
          '  ',
        ),
      )
      .join('\n'),
  };
  return { mails, shown };
};
