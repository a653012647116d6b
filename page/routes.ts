import { randomBytes } from 'node:crypto';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import {
  consequenceOf,
  drawnFor,
  eventOf,
  type Filled,
  firstStep,
  type Hand,
  isHand,
  isTime,
  secondStep,
} from './hands.ts';
import { type Html, html } from './html.ts';
import { siteHref } from './looks.ts';
import { type Filter, overview } from './overview.ts';
import { page } from './shell.ts';
import { sitePage, USUAL_MINUTES, WINDOWS } from './site.ts';
import type { PageSource } from './source.ts';
import type { Watcher } from './watcher.ts';

/** A request as the routes need it. `form` is what was posted. */
export type PageRequest = { path: string; query: URLSearchParams; form?: URLSearchParams };
export type PageReply = { status: number; body: string; location?: string };

/** What the routes work on; `done` keeps what came of an order until it was shown. */
export type Desk = {
  source: PageSource;
  watcher: Watcher;
  done: Map<string, { ok: boolean; text: string }>;
};

/** History entries that the view of a site reads. */
const ENTRIES = 300;
/** Results of orders that nobody came back for. */
const MOST_DONE = 20;

const filterIn = (query: URLSearchParams): Filter => ({
  search: (query.get('q') ?? '').trim().slice(0, 100),
  tag: query.get('tag') ?? '',
  which: query.get('only') === 'not-fine' ? 'not-fine' : 'all',
  each: query.get('each') === '1',
});

/** Answers a request. What cannot be asked or found is answered as a page, too. */
export const respond = async (desk: Desk, request: PageRequest): Promise<PageReply> => {
  try {
    return await routed(desk, request);
  } catch (error) {
    const { message } = error as Error;
    return whole(
      desk,
      502,
      'Cannot be shown',
      html`<h1>This cannot be shown now</h1><p class="done bad" role="alert">${message}</p><p><a href="">Try again</a></p>`,
    );
  }
};

const routed = async (desk: Desk, request: PageRequest): Promise<PageReply> => {
  const { path, query, form } = request;
  const [, where = '', name = '', action = '', ...more] = path.split('/').map(decode);
  if (path === '/demo' && form !== undefined) return perform(desk, form);
  const isKnown = path === '/' || (where === 'site' && name !== '' && more.length === 0);
  if (!isKnown) return missing(desk, `There is no page ${path}.`);
  const document = await desk.watcher.status();
  if (path === '/')
    return whole(
      desk,
      200,
      titleOf(document.sites),
      overview(document, filterIn(query), desk.source.called),
      document.deployment,
    );
  const site = document.sites.find((one) => one.site === name);
  if (site === undefined) return missing(desk, `${document.deployment} has no site ${name}.`);
  if (action === '') return ofSite(desk, name, query);
  if (!isHand(action)) return missing(desk, `There is no order ${action}.`);
  return form === undefined
    ? whole(
        desk,
        200,
        `${action} ${name}`,
        firstStep(action, site, filledIn(desk, site, query)),
        document.deployment,
        true,
      )
    : order(desk, { action, site, form, deployment: document.deployment });
};

const decode = (part: string): string => {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
};

const titleOf = (sites: readonly SiteStatus[]): string => {
  const bad = sites.filter(({ condition }) => condition !== 'fine').length;
  return bad === 0 ? 'All fine' : `${bad} not fine`;
};

const whole = (
  { source }: Desk,
  status: number,
  title: string,
  main: Html,
  deployment = 'Switchover',
  back = status !== 200,
): PageReply => ({
  status,
  body: page(
    { title: `${title} · ${deployment}`, deployment, where: source.where, called: source.called, back },
    main,
  ),
});

const missing = (desk: Desk, text: string): PageReply =>
  whole(desk, 404, 'Not there', html`<h1>Not there</h1><p class="why">${text}</p>`);

const ofSite = async (desk: Desk, name: string, query: URLSearchParams): Promise<PageReply> => {
  const { source, done } = desk;
  const [status, explained, read] = await Promise.all([
    source.ask({ action: 'status', site: name } as { action: string }),
    source.ask({ action: 'explain', site: name } as { action: string }),
    source.ask({ action: 'history', site: name, limit: ENTRIES } as { action: string }),
  ]);
  const [site] = status.sites ?? [];
  if (status.v !== 1 || site === undefined) throw new Error(status.message);
  const document = status as Parameters<typeof sitePage>[0]['document'];
  const cameOf = done.get(query.get('done') ?? '');
  const { servers = [], deeds = {} } = source.demo ?? {};
  const view = {
    document,
    explanation: explained.explanations?.[0],
    history: read.history ?? [],
    minutes: WINDOWS.find((one) => String(one) === query.get('minutes')) ?? USUAL_MINUTES,
    demo: servers.filter((server) => site.servers.some((one) => one.server === server)),
    deeds,
    ...(cameOf && { done: cameOf }),
  };
  return whole(desk, 200, name, sitePage(view, site), document.deployment, true);
};

const filledIn = ({ source }: Desk, site: SiteStatus, given: URLSearchParams): Filled => ({
  server: given.get('server') ?? '',
  for: given.get('for') ?? '',
  reason: (given.get('reason') ?? '').trim(),
  by: (given.get('by') ?? source.operator).trim(),
  force: given.get('force') === '1',
  planned: given.get('planned') === '1',
  drawn: given.get('drawn') ?? drawnFor(site),
});

const isWord = (text: string): boolean => text !== '' && text.length <= 200 && !/\p{C}/u.test(text);

/** What is wrong with a form, for people. */
const problemWith = (action: Hand, site: SiteStatus, filled: Filled): string | undefined => {
  if (!isWord(filled.reason)) return 'A reason is missing: a few words for those who will be told.';
  if (!isWord(filled.by)) return 'Your name is missing.';
  const isServer = site.servers.some(({ server }) => server === filled.server);
  if ((action === 'pin' || action === 'point') && !isServer) return `Choose a server of ${site.site}.`;
  if (['hold', 'pin', 'adopt', 'silence'].includes(action) && !isTime(filled.for))
    return 'Choose for how long.';
  return undefined;
};

type Ordered = { action: Hand; site: SiteStatus; form: URLSearchParams; deployment: string };

/** The second step, or the order itself. One that was given on something that has changed since is not carried out. */
const order = async (desk: Desk, { action, site, form, deployment }: Ordered): Promise<PageReply> => {
  const { source, watcher } = desk;
  const filled = filledIn(desk, site, form);
  const problem = problemWith(action, site, filled);
  const title = `${action} ${site.site}`;
  if (problem !== undefined)
    return whole(desk, 422, title, firstStep(action, site, filled, problem), deployment, true);
  watcher.forget();
  const fresh = (await watcher.status()).sites.find((one) => one.site === site.site) ?? site;
  if (filled.drawn !== drawnFor(fresh)) {
    const changed = `${site.site} has changed since you opened this form: ${consequenceOf(action, fresh, filled)} Look at it, and go on if you still want to.`;
    const again = { ...filled, drawn: drawnFor(fresh) };
    return whole(desk, 409, title, firstStep(action, fresh, again, changed), deployment, true);
  }
  if (form.get('sure') !== '1')
    return whole(desk, 200, title, secondStep(action, fresh, filled, source), deployment, true);
  const answer = await source.ask(eventOf(action, site.site, filled));
  watcher.forget();
  return back(desk, site.site, { ok: answer.ok, text: answer.message });
};

/** Leads back to the site, where it is shown once what came of it: a page that is loaded again gives no order again. */
const back = ({ done }: Desk, site: string, cameOf: { ok: boolean; text: string }): PageReply => {
  const id = randomBytes(9).toString('base64url');
  done.set(id, cameOf);
  for (const old of [...done.keys()].slice(0, -MOST_DONE)) done.delete(old);
  return { status: 303, body: '', location: `${siteHref(site)}?done=${id}` };
};

const perform = async (desk: Desk, form: URLSearchParams): Promise<PageReply> => {
  const { demo } = desk.source;
  if (demo === undefined) return missing(desk, 'There are no demo servers here.');
  const site = form.get('site') ?? '';
  try {
    const text = await demo.perform(form.get('server') ?? '', form.get('do') ?? '');
    return back(desk, site, { ok: true, text });
  } catch (error) {
    return back(desk, site, { ok: false, text: (error as Error).message });
  }
};
