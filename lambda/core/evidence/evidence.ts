import type { Glimpse } from '../site/health.ts';
import type { Site } from '../site/site.ts';
import { SERVED } from '../zone/moved-address.ts';
import type { Deciding, Look, Sighting } from './judge.ts';
import { nextKey } from './targets.ts';

/** What a vantage saw of a server, as far as people are told. */
export type Seen = Pick<Sighting, 'outcome' | 'code' | 'detail' | 'status' | 'totalMs'>;

/** What one look showed of a site's servers, and of an address that moves: the part of it that a notice keeps. */
export type Evidence = {
  /** Start of the round, milliseconds. */
  startMs: number;
  /** Vantage, then server. A vantage that was not called is not here. */
  sightings: Record<string, Record<string, Seen>>;
  deciding?: Record<string, Deciding>;
};

const seenOf = ({ outcome, code, detail, status, totalMs }: Sighting): Seen => ({
  outcome,
  code,
  detail,
  ...(status !== undefined && { status }),
  totalMs,
});

export const evidenceOf = (site: Site, { startMs, sightings, deciding }: Look): Evidence => {
  const isTold = (target: string) =>
    target === SERVED || site.servers.some(({ name }) => [name, nextKey(name)].includes(target));
  const told = Object.entries(sightings).map(([vantage, byTarget]) => [
    vantage,
    Object.fromEntries(
      Object.entries(byTarget).flatMap(([target, seen]) => (isTold(target) ? [[target, seenOf(seen)]] : [])),
    ),
  ]);
  return { startMs, sightings: Object.fromEntries(told), ...(deciding !== undefined && { deciding }) };
};

/** What the judgement of one server rests on, by vantage: this look, or the one that decided where this one does not say so. */
export const basisOf = ({ sightings, deciding }: Evidence, server: string): Record<string, Glimpse> =>
  deciding?.[server]?.seen ??
  Object.fromEntries(
    Object.entries(sightings).flatMap(([vantage, { [server]: seen }]): [string, Glimpse][] =>
      seen === undefined ? [] : [[vantage, seen]],
    ),
  );
