import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  type ServerBehaviour,
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';

const SITE = virtualSite('www');
const PRIMARY = '203.0.113.10';
const STANDBY = '198.51.100.20';
const MINUTES = 10;

/** What becomes of a server, or what a person says of messages, so many seconds after the start. */
type Event = { atS: number; server?: string; behaviour?: ServerBehaviour; order?: Record<string, unknown> };

const times = fc.integer({ min: 60, max: (MINUTES - 5) * 60 });
const fates = fc.record({
  atS: times,
  server: fc.constantFrom(PRIMARY, STANDBY),
  behaviour: fc.constantFrom<ServerBehaviour>('refuses', 'ok', '500'),
});
const silence = fc.record({
  action: fc.constant('silence'),
  forSeconds: fc.integer({ min: 100, max: 300 }),
});
const orders = fc.record({ atS: times, order: fc.oneof(silence, fc.constant({ action: 'unsilence' })) });
/** One that begins before anything happens: what it keeps back is what is looked for. */
const early = fc.record({ atS: fc.integer({ min: 51, max: 59 }), order: silence });

/** The night as it went: every change of the zone, and every mail. `quiet`: the orders about messages are given. */
const night = async (events: readonly Event[], quiet: boolean): Promise<VirtualWorld> => {
  const world = virtualWorld(virtualConfig([SITE]));
  const all = [...events].sort((a, b) => a.atS - b.atS);
  for (let minute = 0; minute < MINUTES; minute++) {
    void runTerm(world.seenBy(), new Date(START_MS + minute * 60_000).toISOString());
    for (const { atS, server, behaviour, order } of all.filter((e) => Math.floor(e.atS / 60) === minute)) {
      await world.clock.runUntil(START_MS + atS * 1000);
      if (server !== undefined && behaviour !== undefined) world.servers.set(server, behaviour);
      if (order !== undefined && quiet)
        void answerCommand(world.seenBy(), { site: SITE.name, by: 'ann', reason: 'works', ...order });
    }
    await world.clock.runUntil(START_MS + (minute + 1) * 60_000);
  }
  return world;
};

/** What a switch says, without when: an order about messages may cost a save some milliseconds. */
const moves = ({ lines }: VirtualWorld): string[] =>
  lines
    .filter(({ event }) => event === 'switch')
    .map((line) => JSON.stringify({ ...line, at: '', _aws: undefined }));

/** That visitors have no site, and each failover, as subjects without their incident. What a silence's own end says is not among them. */
const worst = ({ mails }: VirtualWorld): string[] =>
  mails
    .filter(({ kind, subject }) => kind !== 'silence' && /^(SITE DOWN|FAILOVER) /.test(subject))
    .map(({ subject }) => subject.replace(/ \[[^\]]*\]$/, ''));

type Span = { fromMs: number; toMs: number };

/** When the site was silenced, as a person would reckon it from the orders. */
const silencedIn = (events: readonly Event[]): Span[] => {
  const spans: Span[] = [];
  for (const { atS, order } of events.toSorted((a, b) => a.atS - b.atS)) {
    const atMs = START_MS + atS * 1000;
    const last = spans.at(-1);
    const inForce = last !== undefined && last.toMs > atMs ? last : undefined;
    if (order === undefined) continue;
    if (inForce !== undefined) inForce.toMs = atMs;
    if (order.action === 'silence')
      spans.push({ fromMs: atMs, toMs: atMs + Number(order.forSeconds) * 1000 });
  }
  return spans;
};

/** A controller looks at what is stored when an order wakes it, every few seconds. */
const LEARNS_MS = 6000;
/** Kinds that a silence always keeps back. */
const KEPT = ['server-down', 'server-flapping', 'visible'];

/** When each message was kept back, as the history has it. */
const keptIn = ({ store }: VirtualWorld): number[] =>
  [...store.entries.values()]
    .flatMap((entries) => [...entries.values()])
    .filter(({ what }) => what === 'suppressed')
    .map(({ atMs }) => atMs);

const check = (events: readonly Event[], quiet: VirtualWorld, loud: VirtualWorld): void => {
  assert.deepEqual(moves(quiet), moves(loud));
  assert.deepEqual(quiet.listing(), loud.listing());
  assert.deepEqual(worst(quiet), worst(loud));
  const spans = silencedIn(events);
  for (const { kind, subject, toldMs } of quiet.mails) {
    const silenced = spans.find(({ fromMs, toMs }) => toldMs > fromMs + LEARNS_MS && toldMs < toMs);
    assert.ok(!KEPT.includes(kind) || silenced === undefined, `${subject} was told while it was silenced`);
  }
  // Of what was noted as kept back, the end of the silence tells.
  const kept = keptIn(quiet);
  const isOver = Math.max(0, ...spans.map(({ toMs }) => toMs)) < quiet.clock.now() - 30_000;
  if (isOver && kept.length > 0) {
    const ends = quiet.mails.filter(({ kind }) => kind === 'silence').map(({ toldMs }) => toldMs);
    assert.ok(
      Math.max(0, ...ends) >= Math.max(...kept),
      `${kept.length} were kept back, and nobody was told`,
    );
  }
};

describe('a night with random silences, beside the same night without', () => {
  test('moves alike, tells the worst alike, and keeps the rest back until it ends', async () => {
    let [kept, moved] = [0, 0];
    await fc.assert(
      fc.asyncProperty(
        fc.array(fates, { minLength: 3, maxLength: 6 }),
        early,
        fc.array(orders, { maxLength: 3 }),
        async (servers, first, said) => {
          const events = [...servers, first, ...said];
          const [quiet, loud] = [await night(events, true), await night(events, false)];
          check(events, quiet, loud);
          kept += keptIn(quiet).length > 0 ? 1 : 0;
          moved += moves(quiet).length > 1 ? 1 : 0;
        },
      ),
      { numRuns: 12, seed: 1 },
    );
    assert.ok(kept > 5 && moved > 3, `${kept} nights with mails kept back, ${moved} with a move`);
  });
});
