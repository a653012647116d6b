import { drawing, type Html, html } from '../lambda/core/view/html.ts';
import type { PageSource } from './source.ts';

/** What somebody pressed: the function to call, what to call it with, and where its answer is shown. */
type Press = { endpoint: string; event: Record<string, unknown>; popup: boolean };

/** What CloudWatch is documented to strip from a widget's markup. */
const STRIPPED =
  /<(script|iframe|use)\b[^>]*>.*?<\/\1\s*>|<(script|iframe|use)\b[^>]*>|\son[a-z]+="[^"]*"/gis;

const unescaped = (text: string): string =>
  text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');

const attribute = (tag: string, name: string): string | undefined => {
  const [, value] = new RegExp(`\\s${name}="([^"]*)"`).exec(tag) ?? [];
  return value === undefined ? undefined : unescaped(value);
};

/** An element, and the action that CloudWatch attaches to it. */
const ACTION = /<a\b([^>]*)>([^<]*)<\/a>\s*<cwdb-action([^>]*)>([^<]*)<\/cwdb-action>/g;

/**
 * A widget's markup as CloudWatch would show it, within one form: each action is a button that posts what it calls. Its own forms are
 * taken off, since CloudWatch sends all fields of a widget with each call.
 */
export const asShown = (markup: string): Html => {
  const plain = markup.replace(STRIPPED, '').replace(/<\/?form\b[^>]*>/g, '');
  return drawing(
    plain.replace(ACTION, (_, link: string, label: string, tag: string, json: string) => {
      const press: Press = {
        endpoint: attribute(tag, 'endpoint') ?? '',
        event: JSON.parse(unescaped(json)),
        popup: attribute(tag, 'display') === 'popup',
      };
      const title = attribute(tag, 'confirmation') ?? attribute(link, 'title') ?? '';
      const named = attribute(link, 'aria-label');
      return html`<button name="press" value="${JSON.stringify(press)}" class="${attribute(link, 'class') ?? ''}" title="${title}"${named && html` aria-label="${named}"`}>${drawing(label)}</button>`
        .markup;
    }),
  );
};

/** What surrounds a widget in CloudWatch, made up: `all` are the fields of its forms. */
const around = (nowMs: number, all: Record<string, string>) => ({
  dashboardName: 'local',
  widgetId: 'widget-1',
  accountId: '000000000000',
  locale: 'en',
  timezone: { label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 },
  period: 300,
  isAutoPeriod: true,
  timeRange: { mode: 'relative', start: nowMs - 3_600_000, end: nowMs, relativeStart: 3_600_000 },
  theme: 'light',
  linkCharts: true,
  title: 'Sites',
  forms: { all },
  params: { view: 'all' },
  width: 1200,
  height: 600,
});

const pressIn = (text: string | null): Press | undefined => {
  if (text === null) return undefined;
  try {
    const { endpoint, event, popup } = Object(JSON.parse(text)) as Partial<Press>;
    if (typeof endpoint !== 'string' || typeof event !== 'object' || event === null) return undefined;
    return { endpoint, event, popup: popup === true };
  } catch {
    return undefined;
  }
};

/**
 * The widget of the dashboard, as CloudWatch would show it: at first, and after each press. An answer that is meant for a popup stands
 * above the widget as it is drawn anew. Rejects as `source.widget` does.
 */
export const dashboardPage = async (
  { widget }: PageSource,
  form: URLSearchParams | undefined,
  nowMs: number,
): Promise<Html> => {
  const press = pressIn(form?.get('press') ?? null);
  const { press: _, ...all } = Object.fromEntries(form ?? []);
  const widgetContext = around(nowMs, all);
  const ask = (event: object, isOrder = false) => widget({ ...event, widgetContext }, isOrder);
  const isOrder = press?.endpoint.endsWith('-console') ?? false;
  const answer = press && (await ask(press.event, isOrder));
  const shown = press === undefined || press.popup ? await ask({ view: 'all' }) : (answer ?? '');
  return html`<h1>The dashboard's widget</h1>
<p class="dim">As CloudWatch would show it. It asks once more before an order; here the button says what it would ask.</p>
${press?.popup === true && html`<div class="done" role="status" id="done">${asShown(answer ?? '')}</div>`}
<form method="post" action="/dashboard" class="widget">${asShown(shown)}</form>`;
};
