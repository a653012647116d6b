import { clockTime, duration } from '../base/time.ts';
import { explained } from '../decision/explained.ts';
import { STEADY_MS } from '../decision/flaps.ts';
import type { NewsOf } from '../state/news.ts';
import { type Context, type Letter, paragraphs } from './letter.ts';
import { addresses, byHand, evidence } from './wording.ts';

const consequenceOf = ({ health, serves, movedTo, next, decision }: NewsOf<'turned'>): string => {
  if (movedTo !== undefined) return `It served until now; DNS names ${movedTo} by now.`;
  if (health === 'up')
    return serves
      ? 'It serves the site.'
      : 'It is armed as soon as it passes by quorum in the round that needs it.';
  if (serves) return `It serves the site. Decision: ${explained(decision)}`;
  return next === undefined
    ? 'If the serving server died now, nothing would take over.'
    : `It does not serve; ${next} would take over if the serving server died now.`;
};

/** A server turned down or up. */
export const turned = (turn: NewsOf<'turned'>, { site, config }: Context): Letter => {
  const { server, health, serves, movedTo, next } = turn;
  const role = movedTo !== undefined ? 'served until now' : serves ? 'serving' : 'not serving';
  const isAlone = health === 'down' && !serves && next === undefined;
  return {
    subject: `${site.name}: ${server} (${role}) is ${health}${isAlone ? ', nothing would take over' : ''}`,
    text: paragraphs(
      `What happened\n  ${addresses(site, server)} is ${health}. ${consequenceOf(turn)}`,
      evidence(site, turn.evidence),
      byHand(site, config, turn.serving),
    ),
  };
};

/** A standby of which nobody can tell whether it is up. */
export const unseenServer = (
  { server, evidence: seen }: NewsOf<'unseen'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${server} cannot be judged, so it is no standby`,
  text: paragraphs(
    `What happened\n  No quorum of vantages can tell whether ${addresses(site, server)} is up. If the serving server died now, it would not take over.`,
    evidence(site, seen),
    byHand(site, config, undefined),
  ),
});

/** A server that is dead to browsers and well to probes. */
export const largeHello = (
  { server, vantage, detail }: NewsOf<'large-hello'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${server} takes no TLS hello as large as a browser's`,
  text: paragraphs(
    `What happened\n  ${addresses(site, server)} passes, and fails when the TLS hello is as large as a browser's, as ${vantage} sees it: ${detail}.`,
    'What that means\n  Browsers do not reach this server from there, while its probes pass. Nothing moves for it by itself.',
    'What to do\n  Look at what stands before the server: a firewall, load balancer or intrusion detection that takes the first packet for the whole hello. See https://tldr.fail.',
    byHand(site, config, undefined),
  ),
});

type Flapping = NewsOf<'flapping' | 'steady'>;

const roleText = ({ serves }: Flapping): string => (serves ? 'serving' : 'not serving');

/** Whether nothing would take over, in the words of a subject. */
const alone = ({ serves, health, next }: Flapping): string =>
  serves || health === 'up' || next !== undefined ? '' : ', nothing would take over';

/** It is told once that a server comes and goes. */
export const flaps = (flapping: Flapping, { site, config, atMs }: Context): Letter => {
  const { server, health, next, turns, sinceMs } = flapping;
  const often = `${turns} times in ${duration(atMs - sinceMs)}`;
  const heir =
    next === undefined
      ? 'If the serving server died now, nothing else would take over.'
      : `${next} would take over if the serving server died now.`;
  return {
    subject: `${site.name}: ${server} (${roleText(flapping)}) is flapping: ${often}`,
    text: paragraphs(
      `What happened\n  ${addresses(site, server)} comes and goes: its health turned ${often}, and it is ${health} now. Do not count on it. ${heir}`,
      `What was done\n  Nothing. You are not told each turn any more, but once: when it has stayed as it is for ${duration(STEADY_MS)}.`,
      evidence(site, flapping.evidence),
      byHand(site, config, flapping.serving),
    ),
  };
};

/** A server that came and went has stayed as it is. */
export const steady = (flapping: Flapping, { site, config }: Context): Letter => {
  const { server, health, turns, sinceMs } = flapping;
  const how = health === 'unknown' ? 'nobody can tell whether it is up' : `it is ${health}`;
  return {
    subject: `${site.name}: ${server} (${roleText(flapping)}) flaps no more and is ${health}${alone(flapping)}`,
    text: paragraphs(
      `What happened\n  ${addresses(site, server)} turned ${turns} times since ${clockTime(sinceMs)}. For ${duration(STEADY_MS)} it has not, and ${how}.`,
      evidence(site, flapping.evidence),
      byHand(site, config, flapping.serving),
    ),
  };
};

/** A server's certificate ends soon, or has ended: a visitor's browser refuses it then, and so do our probes. */
export const expiring = (
  { server, expiresMs, authority }: NewsOf<'certificate'>,
  { site, config, atMs }: Context,
): Letter => {
  const ended = expiresMs <= atMs;
  const whose = authority === undefined ? '' : ` of the authority ${authority}, above the one`;
  return {
    subject: `${site.name}: certificate of ${server} ${ended ? 'has ended' : `ends in ${duration(expiresMs - atMs)}`}`,
    text: paragraphs(
      `What happened\n  The certificate${whose} that ${addresses(site, server)} shows for ${site.host} ${ended ? 'ended' : 'ends'} at ${clockTime(expiresMs)}.`,
      'What that means\n  From then on the server counts as down, as it does for browsers. A standby whose certificate has ended is no standby.',
      authority === undefined
        ? undefined
        : 'What to do\n  Install the chain that your authority hands out today. All servers with this one are refused at the same moment.',
      byHand(site, config, undefined),
    ),
  };
};
