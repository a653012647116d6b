import type { ServerStatus } from '../lambda/core/orders/site-now.ts';
import { roleText } from '../lambda/core/orders/standing.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import { allOf, consequenceForAll, formsOf, nameOf, oneOf, placeOf, type Whom } from './whom.ts';

/** The orders that a page offers. */
export const HANDS = {
  hold: { label: 'Hold', hint: 'nothing moves by itself', fields: ['for'] },
  pin: { label: 'Pin', hint: 'serve this server, whatever its health', fields: ['server', 'for', 'force'] },
  point: { label: 'Point', hint: 'move to another server that is up', fields: ['server', 'planned'] },
  failback: { label: 'Failback', hint: 'move back to the preferred server', fields: [] },
  release: { label: 'Release', hint: 'end a hold or pin', fields: [] },
  adopt: { label: 'Adopt', hint: 'take an edit by hand as it is', fields: ['for'] },
  'put-back': { label: 'Put back', hint: 'undo an edit by hand', fields: ['force'] },
  silence: { label: 'Silence', hint: 'be told only that it is down, and of moves', fields: ['for'] },
  unsilence: { label: 'End silence', hint: 'hear of everything again', fields: [] },
  acknowledge: { label: 'Acknowledge', hint: 'no reminders of this incident', fields: ['incident'] },
} as const satisfies Record<string, { label: string; hint: string; fields: readonly string[] }>;

export type Hand = keyof typeof HANDS;
export const isHand = (word: string): word is Hand => Object.hasOwn(HANDS, word);

const isServedWell = ({ servers }: SiteStatus): boolean =>
  servers.some(({ serves, health }) => serves && health === 'up');

/** The server that a failback would move to: the first that is up of those preferred to the one that serves. */
const preferredUp = ({ servers, serving }: SiteStatus): string | undefined => {
  const at = servers.findIndex(({ server }) => server === serving);
  return servers.slice(0, Math.max(0, at)).find(({ health }) => health === 'up')?.server;
};

/** An order as it is offered. */
export type Offer = { action: Hand; label: string; hint: string };

const offered = (fits: (action: Hand) => boolean): Offer[] =>
  (Object.keys(HANDS) as Hand[])
    .filter(fits)
    .map((action) => ({ action, label: HANDS[action].label, hint: HANDS[action].hint }));

/** Those that can be given for all sites at once. */
export const FOR_ALL: readonly string[] = ['hold', 'release', 'silence', 'unsilence'] satisfies Hand[];

/** The hands on all sites that would do something. */
export const handsOfAll = (sites: readonly SiteStatus[]): Offer[] =>
  offered((action) => {
    if (action === 'release') return sites.some(({ mode }) => mode !== 'auto');
    if (action === 'unsilence') return sites.some(({ silence }) => Boolean(silence));
    return FOR_ALL.includes(action);
  });

/** The hands that would not be refused as the site stands. */
export const handsOf = (site: SiteStatus): Offer[] => {
  const fits = (action: Hand): boolean => {
    const isEdited = site.zone === 'edited';
    if (action === 'adopt' || action === 'put-back') return isEdited;
    if (action === 'release') return site.mode !== 'auto';
    if (action === 'unsilence') return Boolean(site.silence);
    if (action === 'acknowledge') return Boolean(site.incident) && !site.acknowledged;
    if (action === 'failback') return site.mode === 'auto' && preferredUp(site) !== undefined;
    if (action === 'point')
      return site.servers.filter(({ health }) => health === 'up').length > 1 && isServedWell(site);
    return true;
  };
  return offered(fits);
};

/** What was filled in, as it came. */
export type Filled = {
  server: string;
  /** The incident that was open when the form was drawn. */
  incident: string;
  for: string;
  reason: string;
  by: string;
  force: boolean;
  planned: boolean;
  /** What was there when the form was drawn. An order that was given on something else is not carried out. */
  drawn: string;
};

/** How a command begins here, and what it needs at its end to mean the same deployment. */
export type Words = { called: string; suffix: string };

const TIMES = [
  ['3600', '1h', 'an hour'],
  ['14400', '4h', 'four hours'],
  ['86400', '1d', 'a day'],
  ['604800', '7d', 'a week'],
] as const;

/** Whether it wants an end. */
export const takesTime = (action: Hand): boolean => takes(action, 'for');

export const isTime = (seconds: string): boolean => TIMES.some(([known]) => known === seconds);

const shellWord = (text: string): string =>
  /^[\w./:-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;

const takes = (action: Hand, field: string): boolean =>
  (HANDS[action].fields as readonly string[]).includes(field);

/** The command that does the same, to copy. `words` are what stands before and after what was filled in. */
export const commandOf = (action: Hand, whom: Whom, filled: Filled, { called, suffix }: Words): string => {
  const whose = takes(action, 'incident') ? filled.incident : (oneOf(whom)?.site ?? '--all');
  const time = TIMES.find(([seconds]) => seconds === filled.for)?.[1];
  return [
    `${called} ${action} ${whose}`,
    takes(action, 'server') && filled.server,
    takes(action, 'for') && time && `--for ${time}`,
    takes(action, 'planned') && filled.planned && '--planned',
    takes(action, 'force') && filled.force && '--force',
    `--reason ${shellWord(filled.reason)}`,
    `--by ${shellWord(filled.by)}`,
    suffix,
  ]
    .filter(Boolean)
    .join(' ');
};

const whoseOf = (action: Hand, site: string | undefined, { incident }: Filled): object => {
  if (takes(action, 'incident')) return { incident };
  return site === undefined ? { all: true } : { site };
};

/** The event that the console function takes. */
export const eventOf = (
  action: Hand,
  whom: Whom,
  filled: Filled,
): { action: Hand; [field: string]: unknown } => ({
  action,
  ...whoseOf(action, oneOf(whom)?.site, filled),
  reason: filled.reason,
  by: filled.by,
  ...(takes(action, 'server') && { server: filled.server }),
  ...(takes(action, 'for') && { forSeconds: Number(filled.for) }),
  ...(takes(action, 'planned') && filled.planned && { planned: true }),
  ...(takes(action, 'force') && filled.force && { force: true }),
});

/** The first step: what is wanted, and why. */
export const firstStep = (action: Hand, whom: Whom, filled: Filled, problem?: string): Html =>
  html`<h1>${HANDS[action].label} ${whatOf(action, whom, filled)}</h1>
<p class="why">${HANDS[action].hint[0]?.toUpperCase()}${HANDS[action].hint.slice(1)}.</p>
${problem && html`<p class="done bad" role="alert" id="problem">${problem}</p>`}
<form method="post" action="${formsOf(whom)}/${action}" class="order">
<input type="hidden" name="drawn" value="${filled.drawn}">
<input type="hidden" name="incident" value="${filled.incident}">
${takes(action, 'server') && serverField(allOf(whom), filled)}
${
  takes(action, 'for') &&
  html`<p><label for="for">For</label><select id="for" name="for">${TIMES.map(
    ([seconds, , words]) =>
      html`<option value="${seconds}"${seconds === (filled.for || '14400') && html` selected`}>${words}</option>`,
  )}</select></p>`
}
<p><label for="reason">Reason</label><input id="reason" name="reason" required maxlength="200" value="${filled.reason}" autocomplete="off" aria-describedby="reason-hint"${problem && html` aria-invalid="true"`}><span class="hint" id="reason-hint">Everybody who is told reads it.</span></p>
<p><label for="by">Your name</label><input id="by" name="by" required maxlength="200" value="${filled.by}" autocomplete="username"></p>
${takes(action, 'planned') && html`<p><label class="check"><input type="checkbox" name="planned" value="1"${filled.planned && html` checked`}> planned: lower the TTL and wait the old one out first</label></p>`}
${takes(action, 'force') && html`<p><label class="check"><input type="checkbox" name="force" value="1"${filled.force && html` checked`}> even to a server that is not up</label></p>`}
<p class="steps"><button type="submit">Next: look at it once more</button> <a href="${placeOf(whom)}">Leave it</a></p>
</form>`;

/** What the form is about, for its heading. */
const whatOf = (action: Hand, whom: Whom, { incident }: Filled): string =>
  takes(action, 'incident') ? `incident ${incident} of ${nameOf(whom)}` : nameOf(whom);

const serverField = ([site]: readonly SiteStatus[], { server }: Filled): Html => {
  const { servers = [], serving } = site ?? {};
  const chosen = server || servers.find((one) => one.server !== serving)?.server;
  return html`<p><label for="server">Server</label><select id="server" name="server">${servers.map(
    (one) =>
      html`<option value="${one.server}"${one.server === chosen && html` selected`}>${one.server}: ${one.health}${one.server === serving && `, ${one.health === 'down' ? 'named in DNS' : 'serves now'}`}</option>`,
  )}</select></p>`;
};

/** What an order to serve `server` comes to. It is refused where that is not up, unless it is forced; `point` also where what serves is not. */
const whatComesOf = (
  action: Hand,
  { server: { serves, health }, isLeftWell }: { server: ServerStatus; isLeftWell: boolean },
  { force }: Filled,
): string => {
  const mayForce = takes(action, 'force');
  if (health !== 'up' && !(mayForce && force))
    return `This is refused until it is up${mayForce ? ', unless it shall serve although it is not' : ''}.`;
  if (action === 'point' && !isLeftWell)
    return 'This is refused while what serves is not up: Switchover moves the site by itself then, and a pin moves it in any case.';
  if (serves) return 'Visitors stay where they are.';
  return `Visitors move to it within about two minutes${health === 'up' ? '' : ', whatever they find there'}.`;
};

/** What will be, in a sentence: the server with its health now, and what it means for visitors. */
export const consequenceOf = (action: Hand, whom: Whom, filled: Filled): string => {
  const site = oneOf(whom);
  return site === undefined
    ? consequenceForAll(action, allOf(whom))
    : consequenceForOne(action, site, filled);
};

const consequenceForOne = (action: Hand, site: SiteStatus, filled: Filled): string => {
  const target = action === 'failback' ? (preferredUp(site) ?? site.servers[0]?.server) : filled.server;
  const server = site.servers.find((one) => one.server === target);
  switch (action) {
    case 'pin':
    case 'point':
    case 'failback': {
      if (server === undefined) return '';
      const role =
        server.serves || server.armed ? roleText(server) : `${roleText(server)}: ${server.notArmed}`;
      return `${server.server} is ${server.health.toUpperCase()} and ${role}. ${whatComesOf(action, { server, isLeftWell: isServedWell(site) }, filled)}`;
    }
    case 'hold': {
      const isDown = site.servers.some(({ serves, health }) => serves && health === 'down');
      const stays = isDown
        ? 'is DOWN and stays named in DNS: visitors go on without a site'
        : 'goes on serving, also if it dies';
      return `${site.serving ?? 'What serves'} ${stays}. Nothing moves by itself until the hold ends.`;
    }
    case 'release':
      return site.next !== null && site.condition === 'held-down'
        ? `${site.serving} is DOWN and ${site.next} is ARMED. Once it is released, visitors move to ${site.next} within about two minutes.`
        : 'From now on Switchover moves the site by itself again.';
    case 'silence':
      return 'People are told only that it is down, of moves, and of moves that could not be made. Nothing else changes: the site moves as ever.';
    case 'unsilence':
      return 'One message tells what still holds, and from then on everything is told again.';
    case 'acknowledge':
      return 'Nobody is reminded of it until it changes or ends, and pagers call nobody else. All who are told hear that you have it. Nothing else changes.';
    case 'adopt':
      return 'The records stay as they were edited. Switchover takes them as a pin, or as a hold where no server has them.';
    default:
      return 'The records become again what Switchover wrote last.';
  }
};

/** The second step: the same in words, and the command that does it. */
export const secondStep = (action: Hand, whom: Whom, filled: Filled, words: Words): Html =>
  html`<h1>${HANDS[action].label} ${whatOf(action, whom, filled)}?</h1>
<p class="sure">${consequenceOf(action, whom, filled)}</p>
<dl class="facts"><dt>Reason</dt><dd>${filled.reason}</dd><dt>By</dt><dd>${filled.by}</dd></dl>
<p>The same on the command line:</p>
<pre tabindex="0" aria-label="The command"><code>${commandOf(action, whom, filled, words)}</code></pre>
<form method="post" action="${formsOf(whom)}/${action}" class="order">
${Object.entries({ ...filled, force: filled.force ? '1' : '', planned: filled.planned ? '1' : '' }).map(
  ([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`,
)}
<p class="steps"><button type="submit" name="sure" value="1" class="go" autofocus>${HANDS[action].label}</button> <a href="${placeOf(whom)}">Leave it</a></p>
</form>`;
