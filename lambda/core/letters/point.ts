import type { Facts } from '../decide.ts';
import { endOfPoint, type Point } from '../point.ts';
import type { Config, Site } from '../site.ts';
import type { Letter } from './letters.ts';
import { addresses, byHand } from './wording.ts';

type Seen = { site: Site; config: Config; facts: Facts; nowMs: number; editConfirmed: boolean };

/** What became of a switch that a person asked for, once it has ended; without a letter where the move itself tells it. */
export const endedPoint = (point: Point, seen: Seen): { letter?: Letter } | undefined => {
  const { site, config, facts, nowMs, editConfirmed } = seen;
  const { serving, healths, zone, mode } = facts;
  const ours = zone === 'ours';
  // One look at an edit is not believed yet.
  if (!ours && !editConfirmed) return undefined;
  const end = endOfPoint(point, { nowMs, ours, mode: mode.mode, serving, healths });
  if (end === undefined) return undefined;
  if (end.why === undefined) return {};
  const what = point.planned === undefined ? 'SWITCH' : 'PLANNED SWITCH';
  const done = end.how === 'done';
  const letter = {
    subject: `${what} ${done ? 'DONE' : 'NOT DONE'} ${site.name}: ${serving ?? 'nothing'} serves`,
    text: [
      `What happened\n  ${point.by} asked for ${site.name} to be served by ${addresses(site, point.to)} (${point.reason}).\n  ${end.why}`,
      done
        ? 'What was done\n  The switch is complete. Nothing moves back by itself unless the server fails.'
        : 'What was done\n  The order is given up. A TTL that was lowered for it is restored once the serving server is up.',
      byHand(site, config, serving),
    ].join('\n\n'),
  };
  return { letter };
};
