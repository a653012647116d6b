import type { Letter } from './letters.ts';
import type { Point, PointEnd } from './point.ts';
import type { Config, Site } from './site.ts';
import { addresses, byHand } from './wording.ts';

/** What became of a switch that a person asked for, where the move itself does not tell it. */
export const pointEnded = (
  site: Site,
  config: Config,
  point: Point,
  end: PointEnd,
  serving: string | undefined,
): Letter => {
  const what = point.planned === undefined ? 'SWITCH' : 'PLANNED SWITCH';
  const done = end.how === 'done';
  return {
    subject: `${what} ${done ? 'DONE' : 'NOT DONE'} ${site.name}: ${serving ?? 'nothing'} serves`,
    text: [
      `What happened\n  ${point.by} asked for ${site.name} to be served by ${addresses(site, point.to)} (${point.reason}).\n  ${end.why}`,
      done
        ? 'What was done\n  The switch is complete. Nothing moves back by itself unless the server fails.'
        : 'What was done\n  The order is given up. A TTL that was lowered for it is restored once the serving server is up.',
      byHand(site, config, serving),
    ].join('\n\n'),
  };
};
