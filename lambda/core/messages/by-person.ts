import { clockTime } from '../base/time.ts';
import type { OrderNotice } from '../state/answered-order.ts';
import type { Asks, NewsOf, SiteNews } from '../state/news.ts';
import { type Context, type Letter, paragraphs, section } from './letter.ts';
import { afterEdit, byHand, endHold } from './offers.ts';
import { orderedAbout } from './silence.ts';
import { addresses } from './wording.ts';

/** `held until …`, `pinned to …`: such an order ends by `release`. */
const modeIn = (what: string): 'held' | 'pinned' | undefined => {
  if (/\bheld until /.test(what)) return 'held';
  return /\bpinned to /.test(what) ? 'pinned' : undefined;
};

/** The order that ends what another one brought about, and what for; `undefined` where there is nothing to end. */
export const endOfOrder = ({
  what,
  about,
}: NewsOf<'ordered'>): { text: string; action: 'release' | 'unsilence' } | undefined => {
  if (about === 'silence') return UNSILENCE;
  const mode = about === undefined ? modeIn(what) : undefined;
  return mode && RELEASE[mode];
};

const UNSILENCE = { text: 'Hear of everything again', action: 'unsilence' } as const;
const RELEASE = {
  held: { text: 'End the holds', action: 'release' },
  pinned: { text: 'End the pins', action: 'release' },
} as const;

/** A person's command, as everybody else is told of it. */
export const ordered = (news: NewsOf<'ordered'>, context: Context): Letter => {
  if (news.about !== undefined) return orderedAbout(news, context);
  const { what, ended, by, reason } = news;
  const { site, config } = context;
  const mode = modeIn(what);
  return {
    subject: `${site.name}: ${what} by ${by}`,
    lead: `${by}: ${what}${ended ? `, ${ended}` : ''}. Reason: ${reason}`,
    text: mode === undefined ? byHand(site, config) : endHold(site, config, { mode }),
  };
};

const orderText = ({ atMs, news: { by, what, ended, reason } }: OrderNotice, sites = 1): string => {
  const all = sites === 1 ? '' : ` for ${sites} sites`;
  return `Ordered at ${clockTime(atMs)} by ${by}${all}: ${what}${ended ? `, ${ended}` : ''}. Reason: ${reason}`;
};

/** Who gave orders, when and why: a paragraph for each order, whatever the number of sites it was given for. */
export const ordersText = (orders: readonly OrderNotice[]): string[] =>
  [...Map.groupBy(orders, ({ news: { by, reason } }) => JSON.stringify([by, reason])).values()].flatMap(
    ([first, ...others]) => (first === undefined ? [] : [orderText(first, others.length + 1)]),
  );

/** In the words of a subject. A failover after a release was not ordered. */
const DONE_BY: Partial<Record<Asks['order'], string>> = { release: 'released', 'put-back': 'put back' };

/** What was done, so that its subject says for whom. The subject of anything else needs its room for what kept it from being done. */
const DONE: readonly SiteNews['type'][] = ['moved', 'over'];

/** A letter that is also what came of orders: one event is one message, and it says who asked and why. */
export const byOrder = (letter: Letter, news: SiteNews, orders: readonly OrderNotice[]): Letter => {
  if (orders.length === 0) return letter;
  const who = DONE.includes(news.type)
    ? orders.map(({ news: { asks, by } }) => `, ${(asks && DONE_BY[asks.order]) ?? 'ordered'} by ${by}`)
    : [];
  return {
    ...letter,
    subject: `${letter.subject}${[...new Set(who)].join('')}`,
    text: paragraphs(...orders.map((one) => orderText(one)), letter.text),
  };
};

/** The zone is not as we left it. */
export const edited = ({ detail }: NewsOf<'edited'>, { site, config }: Context): Letter => ({
  subject: `${site.name}: by hand, left alone`,
  lead: `${site.readdress === undefined ? `The zone ${site.zone}` : site.name} is not as Switchover left it: ${detail}.`,
  text: paragraphs(
    section('What was done', 'Nothing, and nothing will be until a person says so: the last hand wins.'),
    afterEdit(site, config),
  ),
});

/** Another deployment holds the site as well, and wrote its role record last. */
export const heldElsewhere = ({ owner }: NewsOf<'held-elsewhere'>, { site, config }: Context): Letter => ({
  subject: `${site.name}: the deployment ${owner} holds it, left alone`,
  lead: `The role record of ${site.name} is that of the deployment ${owner}, which holds this site as well.`,
  text: paragraphs(
    section(
      'What was done',
      'Nothing, and nothing will be: of two that move one site each would undo what the other does.',
    ),
    section(
      'What you can do',
      `Take the site out of one of the two deployments. The order "adopt" takes it over for ${config.deployment}.`,
    ),
  ),
});

/** What became of a switch that a person asked for. */
export const switchEnded = (ended: NewsOf<'switch-ended'>, { site, config }: Context): Letter => {
  const { planned, done, why, to, serving, by, reason } = ended;
  return {
    subject: `${site.name}: ${planned ? 'planned switch' : 'switch'} ${done ? 'done' : 'not done'}, ${serving ?? 'nothing'} serves`,
    lead: `${by} asked for ${site.name} to be served by ${addresses(site, to)} (${reason}). ${why}`,
    text: paragraphs(
      section(
        'What was done',
        done
          ? 'The switch is complete. Nothing moves back by itself unless the server fails.'
          : 'The order is given up. A TTL that was lowered for it is restored once the serving server is up.',
      ),
      byHand(site, config, { serving }),
    ),
  };
};

/** A hold or pin has ended. */
export const expired = (
  { mode, untilMs, serving, stays }: NewsOf<'expired'>,
  { site, config }: Context,
): Letter => {
  const was = `${site.name} was ${mode} until ${clockTime(untilMs)}. That has ended`;
  if (stays === undefined)
    return {
      subject: `${site.name}: no longer ${mode}, back to auto`,
      lead: `${was}, and Switchover decides again.`,
      text: byHand(site, config, { serving }),
    };
  return {
    subject: `${site.name}: no longer ${mode}, ${stays} stays`,
    lead: `${was}. The site stays on ${stays}, which is no configured server: nobody can tell how it is, so nothing moves until a person pins the site to a server.`,
    text: byHand(site, config, { serving }),
  };
};
