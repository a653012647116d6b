import { clockTime, duration } from '../base/time.ts';
import type { Decision } from '../decision/decide.ts';
import { explained } from '../decision/explained.ts';
import { STEADY_MS } from '../decision/flaps.ts';
import type { Config, Site } from '../site/site.ts';
import { headlineOf } from '../state/headline.ts';
import type { NewsOf } from '../state/news.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';
import { byHand, nothingToDo, repair } from './offers.ts';
import { addresses, evidence, sinceText } from './wording.ts';

/** Whether what is decided is a move that Route 53 would refuse. */
const isRefused = ({ act, server }: Decision, blocked: readonly string[]): boolean =>
  act === 'serve' && server !== undefined && blocked.includes(server);

const consequenceOf = (turn: NewsOf<'turned'>): string => {
  const { health, serves, movedTo, next, decision, over, blocked = [] } = turn;
  if (movedTo !== undefined) return `It served until now; DNS names ${movedTo} by now.`;
  if (over) return 'Every server is up; this incident is over.';
  if (health === 'up')
    return serves
      ? 'It serves the site.'
      : 'It is armed as soon as it passes by quorum in the round that needs it.';
  if (serves && isRefused(decision, blocked))
    return `It serves the site. ${decision.server} would take over, and Route 53 would refuse the move: a record of the zone stands in its way.`;
  if (serves) return `It serves the site: ${explained(decision)}`;
  return next === undefined
    ? 'If the serving server died now, nothing would take over.'
    : `It does not serve; ${next} would take over if the serving server died now.`;
};

const subjectOf = (turn: NewsOf<'turned'>): string => {
  const { server, health, serves, movedTo, also = [] } = turn;
  const role = movedTo !== undefined ? ', which served until now,' : serves ? ', which serves,' : '';
  const alone = headlineOf(turn) === 'NO STANDBY' ? ', nothing would take over' : '';
  if (also.length > 0) return `${[`${server}${role}`, ...also].join(' and ')} are up again`;
  return `${server}${role} is ${health === 'up' ? 'up again' : health}${alone}`;
};

const helpAfter = (turn: NewsOf<'turned'>, site: Site, config: Config): string => {
  const { server, health, serves, serving, movedTo, over, also = [], blocked, decision } = turn;
  if (over) return nothingToDo(site, config);
  if (health === 'down' && !serves && movedTo === undefined) return repair(site, config, server);
  const up = health === 'up' ? [server, ...also] : [];
  const plain = health === 'down' && isRefused(decision, blocked ?? []) ? [UNBLOCK] : [];
  return byHand(site, config, { serving, up, blocked, plain });
};

const UNBLOCK =
  'Repair it, or delete the record that stands in the way (a message told which, and "status" of the site does): it moves by itself then.';

/** A server turned down or up. */
export const turned = (turn: NewsOf<'turned'>, { site, config, atMs }: Context): Letter => {
  const { server, sinceMs, health, also = [] } = turn;
  const others =
    also.length === 0
      ? ''
      : `, and so ${also.length === 1 ? 'is' : 'are'} ${also.map((one) => addresses(site, one)).join(' and ')}`;
  return {
    subject: `${site.name}: ${subjectOf(turn)}`,
    lead: `${addresses(site, server)} is ${health}${sinceText(sinceMs, atMs)}${others}. ${consequenceOf(turn)}`,
    text: paragraphs(helpAfter(turn, site, config), evidence(site, turn.evidence)),
  };
};

/** A standby of which nobody can tell whether it is up. */
export const unseenServer = (
  { server, evidence: seen }: NewsOf<'unseen'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${server} cannot be judged, so it is no standby`,
  lead: `No quorum of vantages can tell whether ${addresses(site, server)} is up. If the serving server died now, it would not take over.`,
  text: paragraphs(evidence(site, seen), byHand(site, config)),
});

/** A server that is dead to browsers and well to probes. */
export const largeHello = (
  { server, vantage, detail }: NewsOf<'large-hello'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${server} takes no TLS hello as large as a browser's`,
  lead: `${addresses(site, server)} passes, and fails when the TLS hello is as large as a browser's, as ${vantage} sees it: ${detail}.`,
  text: paragraphs(
    section(
      'What that means',
      'Browsers do not reach this server from there, while its probes pass. Nothing moves for it by itself.',
    ),
    byHand(site, config, {
      plain: [
        'Look at what stands before the server: a firewall, load balancer or intrusion detection that takes the first packet for the whole hello. See https://tldr.fail.',
      ],
    }),
  ),
});

type Flapping = NewsOf<'flapping' | 'steady'>;

const serving = ({ serves }: Flapping): string => (serves ? ', which serves,' : '');

/** It is told once that a server comes and goes. */
export const flaps = (flapping: Flapping, { site, config, atMs }: Context): Letter => {
  const { server, health, next, turns, sinceMs } = flapping;
  const often = `${turns} times in ${duration(atMs - sinceMs)}`;
  const heir =
    next === undefined
      ? 'If the serving server died now, nothing else would take over.'
      : `${next} would take over if the serving server died now.`;
  return {
    subject: `${site.name}: ${server}${serving(flapping)} comes and goes: ${often}`,
    lead: `${addresses(site, server)} comes and goes: its health turned ${often}, and it is ${health} now. Do not count on it. ${heir}`,
    text: paragraphs(
      byHand(site, config, { serving: flapping.serving }),
      evidence(site, flapping.evidence),
      section(
        'What was done',
        `Nothing. You are not told each turn any more, but once: when it has stayed as it is for ${duration(STEADY_MS)}.`,
      ),
    ),
  };
};

/** A server that came and went has stayed as it is. */
export const steady = (flapping: NewsOf<'steady'>, { site, config }: Context): Letter => {
  const { server, health, turns, sinceMs } = flapping;
  const how = health === 'unknown' ? 'nobody can tell whether it is up' : `it is ${health}`;
  const alone = headlineOf(flapping) === 'NO STANDBY' ? ', nothing would take over' : '';
  return {
    subject: `${site.name}: ${server}${serving(flapping)} flaps no more and is ${health}${alone}`,
    lead: `${addresses(site, server)} turned ${turns} times since ${clockTime(sinceMs)}. For ${duration(STEADY_MS)} it has not, and ${how}.${flapping.over ? ' This incident is over.' : ''}`,
    text: paragraphs(byHand(site, config, { serving: flapping.serving }), evidence(site, flapping.evidence)),
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
    subject: `${site.name}: that of ${server} ${ended ? 'has ended' : `ends in ${duration(expiresMs - atMs)}`}`,
    lead: `The certificate${whose} that ${addresses(site, server)} shows for ${site.host} ${ended ? 'ended' : 'ends'} at ${clockTime(expiresMs)}.`,
    text: paragraphs(
      section(
        'What that means',
        'From then on the server counts as down, as it does for browsers. A standby whose certificate has ended is no standby.',
      ),
      byHand(site, config, {
        plain: [
          authority === undefined
            ? 'Renew it on that server, while all is well.'
            : 'Install the chain that your authority hands out today. All servers with this one are refused at the same moment.',
        ],
      }),
    ),
  };
};
