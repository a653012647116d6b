import { clockTime } from '../base/time.ts';
import type { Decision, Facts } from '../decision/decide.ts';
import type { Config, Site } from '../site/site.ts';
import { endOfPoint, isWell } from '../state/planned-switch.ts';
import type { Point, SiteState } from '../state/site-state.ts';
import type { Role } from '../zone/role-record.ts';
import type { Letter, Remembered } from './moves.ts';
import { addresses, byHand, isStranger, servingText } from './wording.ts';

type Seen = {
  site: Site;
  config: Config;
  facts: Facts;
  decision: Decision;
  state: Pick<SiteState, 'targets' | 'unpublished' | 'intent'>;
  nowMs: number;
  editConfirmed: boolean;
  /** Why a move that was decided last was not made, as a clause. */
  unwritten?: string | undefined;
};

/** What became of a switch that a person asked for, once it has ended; without a letter where the move itself tells it. */
export const endedPoint = (point: Point, seen: Seen): { letter?: Letter } | undefined => {
  const { site, config, facts, decision, state, nowMs, editConfirmed } = seen;
  const { serving, healths, zone, mode } = facts;
  const ours = zone === 'ours';
  // One look at an edit is not believed yet.
  if (!ours && !editConfirmed) return undefined;
  const written = state.unpublished === undefined && state.intent === undefined;
  const end = endOfPoint(point, {
    nowMs,
    ours,
    mode: mode.mode,
    serving,
    healths,
    well: isWell(state.targets[point.to]),
    // Which standbys stand beside it has nothing to do with the TTL.
    restored: written && (facts.configured === 'same' || facts.configured === 'members'),
    writes: decision.act !== 'leave',
    unwritten: seen.unwritten,
  });
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

/** A hold or pin has ended. `listed`: the role record then, as far as it is known. */
export const expired = (
  site: Site,
  config: Config,
  ended: { mode: string; untilMs: number; listed: Role | undefined; state: Remembered },
): Letter => {
  const { mode, untilMs, listed, state } = ended;
  const serving = listed?.serving;
  const was = `What happened\n  ${site.name} was ${mode} until ${clockTime(untilMs)}. That has ended`;
  if (serving === undefined || !isStranger(site, serving)) {
    return {
      subject: `${site.name}: no longer ${mode}, back to auto`,
      text: [`${was}, and Switchover decides again.`, byHand(site, config, undefined)].join('\n\n'),
    };
  }
  const stays = servingText(site, serving, state.written?.records);
  return {
    subject: `${site.name}: no longer ${mode}, ${stays} stays`,
    text: [
      `${was}. The site stays on ${stays}, which is no configured server: nobody can tell how it is, so nothing moves until a person pins the site to a server.`,
      byHand(site, config, serving),
    ].join('\n\n'),
  };
};
