import { isoTime } from '../lambda/core/base/time.ts';
import { diagnose } from '../lambda/core/doctor/diagnosis.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import type { StatusDocument } from '../lambda/core/orders/status-document.ts';
import type { Config } from '../lambda/core/site/site.ts';
import { html } from '../lambda/core/view/html.ts';
import { dashboardPage } from './dashboard.ts';
import { doctorPage } from './doctor.ts';
import { forecastPage, triedIn } from './forecast.ts';
import { FOR_ALL, firstStep, isHand } from './hands.ts';
import { type Latency, periodSeconds } from './latency.ts';
import { momentIn } from './moment.ts';
import { filledIn, order, perform, trouble } from './orders.ts';
import { type Filter, overview, troubleForms } from './overview.ts';
import { type Desk, missing, type PageReply, type PageRequest, whole } from './reply.ts';
import { doneText, sitePage, USUAL_MINUTES, WINDOWS } from './site.ts';
import { overviewThen, siteThen } from './then.ts';
import { nameOf, type Whom } from './whom.ts';

/** History entries that the view of a site reads. */
const ENTRIES = 300;

/** An entry that was noted a moment after the status that is shown. */
const AHEAD_MS = 60_000;

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
  if (path === '/trouble' && form !== undefined) return trouble(desk, form);
  const isKnown =
    path === '/' ||
    path === '/doctor' ||
    path === '/dashboard' ||
    (where === 'all' && FOR_ALL.includes(name) && action === '' && more.length === 0) ||
    (where === 'site' && name !== '' && more.length === 0);
  if (!isKnown) return missing(desk, `There is no page ${path}.`);
  const document = await desk.watcher.status();
  const at = query.get('at');
  const then = momentIn(at);
  const nowMs = Date.parse(document.at);
  if (at !== null && at !== '' && (then === undefined || then > nowMs + AHEAD_MS)) return notThen(desk, at);
  if (path === '/' && then !== undefined) return allThen(desk, document, then);
  if (path === '/') return ofAll(desk, document, query);
  if (path === '/doctor') return ofDoctor(desk, nowMs);
  if (path === '/dashboard') {
    const main = await dashboardPage(desk.source, form, nowMs);
    // CloudWatch allows a style of the widget's own, and this view does what CloudWatch does.
    return { ...whole(desk, 200, 'Dashboard', main, document.deployment, true), ownStyle: true };
  }
  if (where === 'all')
    return handOn(desk, { ...request, action: name, whom: document.sites }, document.deployment);
  const site = document.sites.find((one) => one.site === name);
  if (site === undefined) return missing(desk, `${document.deployment} has no site ${name}.`);
  if (action === '' && then !== undefined)
    return ofSiteThen(desk, { site, deployment: document.deployment, atMs: then, nowMs }, query);
  if (action === '') return ofSite(desk, name, nowMs, query);
  if (action === 'forecast') return ofForecast(desk, name, query);
  return handOn(desk, { ...request, action, whom: site }, document.deployment);
};

/** The first step of an order, or what follows once it was filled in. */
const handOn = async (
  desk: Desk,
  { action, whom, form, query }: PageRequest & { action: string; whom: Whom },
  deployment: string,
): Promise<PageReply> => {
  if (!isHand(action)) return missing(desk, `There is no order ${action}.`);
  if (form !== undefined) return order(desk, { action, whom, form, deployment });
  const filled = filledIn(desk, whom, query);
  return whole(desk, 200, `${action} ${nameOf(whom)}`, firstStep(action, whom, filled), deployment, true);
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

const ofAll = async (desk: Desk, document: StatusDocument, query: URLSearchParams): Promise<PageReply> => {
  const { cloud, called } = desk.source;
  const main = html`${doneText(desk.done.get(query.get('done') ?? ''))}${overview(document, filterIn(query), called)}${
    cloud && troubleForms(cloud.troubles, await cloud.playing())
  }`;
  return whole(desk, 200, titleOf(document.sites), main, document.deployment);
};

const ofSite = async (
  desk: Desk,
  name: string,
  nowMs: number,
  query: URLSearchParams,
): Promise<PageReply> => {
  const { source, done } = desk;
  const minutes = minutesIn(query);
  const [status, explained, read, latency] = await Promise.all([
    source.ask({ action: 'status', site: name } as { action: string }),
    source.ask({ action: 'explain', site: name } as { action: string }),
    source.ask({ action: 'history', site: name, limit: ENTRIES } as { action: string }),
    latencyOf(desk, name, { minutes, toMs: nowMs, nowMs }),
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
    minutes,
    latency,
    demo: servers.filter((server) => site.servers.some((one) => one.server === server)),
    deeds,
    ...(cameOf && { done: cameOf }),
  };
  return whole(desk, 200, name, sitePage(view, site), document.deployment, true);
};

const minutesIn = (query: URLSearchParams): number =>
  WINDOWS.find((one) => String(one) === query.get('minutes')) ?? USUAL_MINUTES;

/** What was measured in a window up to a moment. The window is cut to whole periods, so that CloudWatch answers each of them whole. */
const latencyOf = async (
  { source }: Desk,
  site: string,
  { minutes, toMs, nowMs }: { minutes: number; toMs: number; nowMs: number },
): Promise<Latency | undefined> => {
  const periodMs = 1000 * periodSeconds(minutes, nowMs - toMs);
  const first = Math.floor((toMs - minutes * 60_000) / periodMs) * periodMs;
  return source.latency?.(site, { fromMs: first, toMs: Math.ceil(toMs / periodMs) * periodMs, periodMs });
};

const notThen = (desk: Desk, at: string): PageReply =>
  whole(
    desk,
    400,
    'No such moment',
    html`<h1>No such moment</h1><p class="why">Expected a moment of the past such as 2026-11-22T03:14:00Z, received ${at}.</p>`,
  );

/** All sites as they were. */
const allThen = async (desk: Desk, now: StatusDocument, atMs: number): Promise<PageReply> => {
  const then = await statusThen(desk, { all: true }, atMs);
  const names = now.sites.map(({ site }) => site);
  const main = overviewThen(then, names, { atMs, nowMs: Date.parse(now.at) });
  return whole(desk, 200, 'Back in time', main, now.deployment, true);
};

const statusThen = async ({ source }: Desk, which: object, atMs: number): Promise<StatusDocument> => {
  const answer = await source.ask({ action: 'status', ...which, at: isoTime(atMs) } as { action: string });
  if (answer.v !== 1) throw new Error(answer.message);
  return answer as StatusDocument;
};

const deployed = async (desk: Desk, site?: string): Promise<Config> => {
  const { config, message } = await asked(desk, { action: 'config', ...(site !== undefined && { site }) });
  if (config === undefined) throw new Error(message);
  return config;
};

const ofForecast = async (desk: Desk, name: string, query: URLSearchParams): Promise<PageReply> => {
  const config = await deployed(desk, name);
  const [site] = config.sites;
  if (site === undefined) return missing(desk, `${config.deployment} has no site ${name}.`);
  const main = forecastPage(site, config, triedIn(query, site));
  return whole(desk, 200, `Forecast of ${name}`, main, config.deployment, true);
};

/** What the account knows is asked for anew, which takes seconds; so only when somebody opens this view. */
const ofDoctor = async (desk: Desk, nowMs: number): Promise<PageReply> => {
  const [config, { facts, message }] = await Promise.all([
    deployed(desk),
    desk.source.ask({ action: 'check' }),
  ]);
  if (facts === undefined) throw new Error(message);
  const main = doctorPage(diagnose(facts, config.sites, nowMs), desk.source.called);
  return whole(desk, 200, 'Doctor', main, config.deployment, true);
};

type At = { site: SiteStatus; deployment: string; atMs: number; nowMs: number };

const ofSiteThen = async (
  desk: Desk,
  { site, deployment, atMs, nowMs }: At,
  query: URLSearchParams,
): Promise<PageReply> => {
  const at = isoTime(atMs);
  const minutes = minutesIn(query);
  const [then, explained, read, latency] = await Promise.all([
    statusThen(desk, { site: site.site }, atMs),
    asked(desk, { action: 'explain', site: site.site, at }),
    asked(desk, { action: 'history', site: site.site, until: at, limit: ENTRIES }),
    latencyOf(desk, site.site, { minutes, toMs: atMs, nowMs }),
  ]);
  const view = { name: site.site, site: then.sites[0], atMs, nowMs, minutes, latency };
  const main = siteThen({
    ...view,
    explanation: explained.explanations?.[0],
    // A write is kept by the moment of its decision, and may have been made after that time.
    history: (read.history ?? []).filter((entry) => Date.parse(entry.at) <= atMs),
  });
  return whole(desk, 200, `${site.site}, back in time`, main, deployment, true);
};

/** An answer that is one; what it says instead is for people. */
const asked = async ({ source }: Desk, event: { action: string; [key: string]: unknown }) => {
  const answer = await source.ask(event);
  if (!answer.ok) throw new Error(answer.message);
  return answer;
};
