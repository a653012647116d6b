import { clockTime } from '../base/time.ts';
import type { NewsOf } from '../state/news.ts';
import { type Context, type Letter, paragraphs } from './letter.ts';
import { addresses, byHand } from './wording.ts';

/** A person's command, as everybody else is told of it. */
export const ordered = (
  { what, ended, by, reason }: NewsOf<'ordered'>,
  { site, config }: Context,
): Letter => ({
  subject: `${site.name}: ${what} by ${by}`,
  text: paragraphs(
    `What happened\n  ${by}: ${what}${ended ? `, ${ended}` : ''}. Reason: ${reason}`,
    byHand(site, config, undefined),
  ),
});

/** The zone is not as we left it. */
export const edited = ({ detail }: NewsOf<'edited'>, { site, config }: Context): Letter => ({
  subject: `${site.name}: edited by hand, left alone`,
  text: paragraphs(
    `What happened\n  ${site.readdress === undefined ? `The zone ${site.zone}` : site.name} is not as Switchover left it: ${detail}.`,
    'What was done\n  Nothing, and nothing will be until a person says so: the last hand wins.',
    byHand(site, config, undefined, true),
  ),
});

/** Another deployment holds the site as well, and wrote its role record last. */
export const heldElsewhere = ({ owner }: NewsOf<'held-elsewhere'>, { site, config }: Context): Letter => ({
  subject: `${site.name}: the deployment ${owner} holds it, left alone`,
  text: paragraphs(
    `What happened\n  The role record of ${site.name} is that of the deployment ${owner}, which holds this site as well.`,
    'What was done\n  Nothing, and nothing will be: of two that move one site each would undo what the other does.',
    `What to do\n  Take the site out of one of the two deployments. The order "adopt" takes it over for ${config.deployment}.`,
  ),
});

/** What became of a switch that a person asked for. */
export const switchEnded = (ended: NewsOf<'switch-ended'>, { site, config }: Context): Letter => {
  const { planned, done, why, to, serving, by, reason } = ended;
  return {
    subject: `${planned ? 'PLANNED SWITCH' : 'SWITCH'} ${done ? 'DONE' : 'NOT DONE'} ${site.name}: ${serving ?? 'nothing'} serves`,
    text: paragraphs(
      `What happened\n  ${by} asked for ${site.name} to be served by ${addresses(site, to)} (${reason}).\n  ${why}`,
      done
        ? 'What was done\n  The switch is complete. Nothing moves back by itself unless the server fails.'
        : 'What was done\n  The order is given up. A TTL that was lowered for it is restored once the serving server is up.',
      byHand(site, config, serving),
    ),
  };
};

/** A hold or pin has ended. */
export const expired = (
  { mode, untilMs, serving, stays }: NewsOf<'expired'>,
  { site, config }: Context,
): Letter => {
  const was = `What happened\n  ${site.name} was ${mode} until ${clockTime(untilMs)}. That has ended`;
  if (stays === undefined)
    return {
      subject: `${site.name}: no longer ${mode}, back to auto`,
      text: paragraphs(`${was}, and Switchover decides again.`, byHand(site, config, undefined)),
    };
  return {
    subject: `${site.name}: no longer ${mode}, ${stays} stays`,
    text: paragraphs(
      `${was}. The site stays on ${stays}, which is no configured server: nobody can tell how it is, so nothing moves until a person pins the site to a server.`,
      byHand(site, config, serving),
    ),
  };
};
