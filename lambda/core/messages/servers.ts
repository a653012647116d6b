import { clockTime, duration } from '../base/time.ts';
import { STEADY_MS } from '../decision/flaps.ts';
import type { Look } from '../evidence/judge.ts';
import type { Health } from '../site/health.ts';
import type { Config, Site } from '../site/site.ts';
import type { Letter } from './moves.ts';
import { addresses, byHand, evidence } from './wording.ts';

/** A standby of which nobody can tell whether it is up. */
export const unseenServer = (site: Site, config: Config, server: string, look: Look): Letter => ({
  subject: `${site.name}: ${server} cannot be judged, so it is no standby`,
  text: [
    `What happened\n  No quorum of vantages can tell whether ${addresses(site, server)} is up. If the serving server died now, it would not take over.`,
    evidence(site, look),
    byHand(site, config, undefined),
  ].join('\n\n'),
});

/** A server that is dead to browsers and well to probes; `seen`: from where, and what came of it. */
export const largeHello = (
  site: Site,
  config: Config,
  server: string,
  seen: { vantage: string; detail: string },
): Letter => ({
  subject: `${site.name}: ${server} takes no TLS hello as large as a browser's`,
  text: [
    `What happened\n  ${addresses(site, server)} passes, and fails when the TLS hello is as large as a browser's, as ${seen.vantage} sees it: ${seen.detail}.`,
    'What that means\n  Browsers do not reach this server from there, while its probes pass. Nothing moves for it by itself.',
    'What to do\n  Look at what stands before the server: a firewall, load balancer or intrusion detection that takes the first packet for the whole hello. See https://tldr.fail.',
    byHand(site, config, undefined),
  ].join('\n\n'),
});

/** A certificate that ends: the server's own, or that of an authority above it. */
export type Ending = { server: string; expiresMs: number; authority?: string | undefined };

/** A server that comes and goes. `turns` since `sinceMs`; `next`: the server that would take over without it. */
type Flapping = {
  server: string;
  health: Health;
  serves: boolean;
  serving: string | undefined;
  next: string | undefined;
  sinceMs: number;
  turns: number;
  nowMs: number;
};

const roleText = ({ serves }: Flapping): string => (serves ? 'serving' : 'not serving');

/** Whether nothing would take over, in the words of a subject. */
const alone = ({ serves, health, next }: Flapping): string =>
  serves || health === 'up' || next !== undefined ? '' : ', nothing would take over';

/** It is told once that a server comes and goes. */
export const flaps = (site: Site, config: Config, flapping: Flapping, look: Look): Letter => {
  const { server, health, next, turns, sinceMs, nowMs } = flapping;
  const often = `${turns} times in ${duration(nowMs - sinceMs)}`;
  const heir =
    next === undefined
      ? 'If the serving server died now, nothing else would take over.'
      : `${next} would take over if the serving server died now.`;
  return {
    subject: `${site.name}: ${server} (${roleText(flapping)}) is flapping: ${often}`,
    text: [
      `What happened\n  ${addresses(site, server)} comes and goes: its health turned ${often}, and it is ${health} now. Do not count on it. ${heir}`,
      `What was done\n  Nothing. You are not told each turn any more, but once: when it has stayed as it is for ${duration(STEADY_MS)}.`,
      evidence(site, look),
      byHand(site, config, flapping.serving),
    ].join('\n\n'),
  };
};

/** A server that came and went has stayed as it is. */
export const steady = (site: Site, config: Config, flapping: Flapping, look: Look): Letter => {
  const { server, health, turns, sinceMs } = flapping;
  const how = health === 'unknown' ? 'nobody can tell whether it is up' : `it is ${health}`;
  return {
    subject: `${site.name}: ${server} (${roleText(flapping)}) flaps no more and is ${health}${alone(flapping)}`,
    text: [
      `What happened\n  ${addresses(site, server)} turned ${turns} times since ${clockTime(sinceMs)}. For ${duration(STEADY_MS)} it has not, and ${how}.`,
      evidence(site, look),
      byHand(site, config, flapping.serving),
    ].join('\n\n'),
  };
};

/** A server's certificate ends soon, or has ended: a visitor's browser refuses it then, and so do our probes. */
export const expiring = (
  site: Site,
  config: Config,
  { server, expiresMs, authority }: Ending,
  nowMs: number,
): Letter => {
  const ended = expiresMs <= nowMs;
  const whose = authority === undefined ? '' : ` of the authority ${authority}, above the one`;
  return {
    subject: `${site.name}: certificate of ${server} ${ended ? 'has ended' : `ends in ${duration(expiresMs - nowMs)}`}`,
    text: [
      `What happened\n  The certificate${whose} that ${addresses(site, server)} shows for ${site.host} ${ended ? 'ended' : 'ends'} at ${clockTime(expiresMs)}.`,
      'What that means\n  From then on the server counts as down, as it does for browsers. A standby whose certificate has ended is no standby.',
      ...(authority === undefined
        ? []
        : [
            'What to do\n  Install the chain that your authority hands out today. All servers with this one are refused at the same moment.',
          ]),
      byHand(site, config, undefined),
    ].join('\n\n'),
  };
};
