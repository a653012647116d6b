import type { Config, Site } from '../lambda/core/site/site.ts';
import { drawing, type Html, html } from '../lambda/core/view/html.ts';
import { adviceOn, money, planOf, pricesOf } from '../lib/forecast/course.ts';
import { FAILURES, type Failure, forecast, secondsUntil } from '../lib/forecast/model.ts';
import { svgPlot } from '../lib/forecast/plot.ts';
import { siteHref } from './looks.ts';

/** What can be tried, seconds. A record may have less, which many resolvers ignore (docs/forecast.md). */
const [LEAST, MOST] = [5, 600];

const FAILURE_WORDS: Record<Failure, string> = {
  refused: 'its process dies: connections are refused',
  silent: 'its machine dies: nothing answers',
  status: 'it answers with errors',
};

/** What is tried, as it stands in the address; what is missing or wrong there is as it is configured. */
export type Tried = { ttlSeconds: number; failure: Failure };

export const triedIn = (query: URLSearchParams, site: Site): Tried => {
  const ttl = Number(query.get('ttl') ?? Number.NaN);
  const named = query.get('failure');
  return {
    ttlSeconds: Number.isInteger(ttl) && ttl >= LEAST && ttl <= MOST ? ttl : site.ttlSeconds,
    failure: FAILURES.find((one) => one === named) ?? 'refused',
  };
};

/** What a failure of the primary costs the visitors of a site, with a TTL to choose. */
export const forecastPage = (site: Site, config: Config, { ttlSeconds, failure }: Tried): Html => {
  const tried = { ...site, ttlSeconds };
  const plan = planOf(tried, config);
  const shown = forecast({ ...plan, failure });
  const half = secondsUntil(shown, 0.5);
  const most = secondsUntil(shown, 0.1);
  const path = `${siteHref(site.name)}/forecast`;
  const title = `${site.name}, TTL ${ttlSeconds} s`;
  const subtitle = `Visitors who are still sent to the dead server: lever ${plan.lever}; ${FAILURE_WORDS[failure]}`;
  return html`<h1>Forecast of ${site.name}</h1>
<form class="moment" action="${path}" method="get" data-auto>
<label for="ttl">TTL</label> <input id="ttl" name="ttl" type="range" min="${LEAST}" max="${MOST}" step="5" value="${ttlSeconds}" aria-describedby="tried">
<label for="failure">The primary fails so that</label> <select id="failure" name="failure">${FAILURES.map(
    (one) => html`<option value="${one}"${one === failure && html` selected`}>${FAILURE_WORDS[one]}</option>`,
  )}</select>
<button type="submit">Show</button>
</form>
<div id="tried" data-live>
<p class="why"><strong>TTL ${ttlSeconds} s</strong>${ttlSeconds === site.ttlSeconds ? ', as it is configured' : `; configured are ${site.ttlSeconds} s`}. Visitors lose ${Math.round(shown.lostSeconds)} s on average${half !== null && `, half are back after ${half} s`}${most !== null && `, nine of ten after ${most} s`}.</p>
<p class="why">${adviceOn(plan, tried).text}</p>
<p class="dim">Queries of resolvers, a month: ${pricesOf(ttlSeconds, site).map(({ audience, dollars }, at) => `${at > 0 ? ', ' : ''}${money(dollars)} (${audience} audience)`)}.</p>
<div class="scroll" tabindex="0" role="region" aria-label="Course of a failure">${drawing(svgPlot(shown, title, subtitle, []))}</div>
</div>
<p class="dim">What the lines rest on stands in docs/forecast.md. To change the TTL, edit <code>ttlSeconds</code> in the configuration and deploy.</p>`;
};
