import { functionNames } from '../contract.ts';
import { asksWhatFor } from '../core/orders/button.ts';
import { type Surroundings, WIDGET_DOCS, widgetOfAll, widgetOfSite } from '../core/view/widget.ts';
import type { StatusPorts } from './ports.ts';
import { history, status } from './report.ts';

/** How far a site's picture reaches where the dashboard names no time, milliseconds. */
const USUAL_MS = 3_600_000;
const ENTRIES = 200;

/** What a widget shows: markup, or text with marks for what the function is for. */
export type WidgetAnswer = string | { markdown: string };

/** `arn:aws:lambda:REGION:ACCOUNT:function:NAME` of a function beside the one that was invoked. */
const arnBeside = (arn: string, name: string): string => arn.split(':').slice(0, 6).concat(name).join(':');

/**
 * Answers a widget of a CloudWatch dashboard: all sites, or one of them. `arn` is the function's own, as it was invoked. Of what surrounds the
 * widget only the theme and the time are taken.
 */
export const widget = async (
  ports: StatusPorts,
  event: Record<string, unknown>,
  arn: string,
): Promise<WidgetAnswer> => {
  if (asksWhatFor(event)) return { markdown: WIDGET_DOCS };
  const { config, clock } = ports;
  const names = functionNames(config.deployment);
  const context = Object(event.widgetContext);
  const around: Surroundings = {
    theme: context.theme === 'dark' ? 'dark' : 'light',
    statusArn: arnBeside(arn, names.status),
    consoleArn: arnBeside(arn, names.console),
  };
  if (event.view === 'search')
    return widgetOfAll(await status(ports, config.sites), around, searchIn(context));
  const site = event.view === 'site' ? config.sites.find(({ name }) => name === event.site) : undefined;
  if (site === undefined) return widgetOfAll(await status(ports, config.sites), around);
  const { fromMs, toMs } = spanIn(context, clock.now());
  const [document, { history: entries }] = await Promise.all([
    status(ports, [site]),
    history(ports, [site], { limit: ENTRIES, untilMs: toMs }),
  ]);
  const [shown] = document.sites;
  if (shown === undefined) return widgetOfAll(document, around);
  return widgetOfSite(document, shown, entries, { around, fromMs, toMs });
};

/** A part of a site's name is no longer than a name of DNS; more is not looked for. */
const LONGEST = 253;
const searchIn = (context: { forms?: unknown }): string => {
  const { search } = Object(Object(Object(context.forms).all));
  return typeof search === 'string' && search.length <= LONGEST ? search.trim() : '';
};

/** The time that the dashboard shows, which is the zoomed one where somebody zoomed in; milliseconds. */
const spanIn = (context: { timeRange?: unknown }, nowMs: number): { fromMs: number; toMs: number } => {
  const range = Object(context.timeRange);
  const { start, end } = Object(range.zoom ?? range);
  const isSpan = Number.isFinite(start) && Number.isFinite(end) && start < end;
  if (!isSpan) return { fromMs: nowMs - USUAL_MS, toMs: nowMs };
  return { fromMs: start, toMs: Math.min(end, nowMs) > start ? Math.min(end, nowMs) : end };
};
