import type { Diagnosis, Prognosis } from '../lambda/core/doctor/diagnosis.ts';
import type { Finding } from '../lambda/core/state/finding.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import type { Tone } from '../lambda/core/view/looks.ts';
import { siteHref } from './looks.ts';

const TONES: Record<Finding['severity'], Tone> = { error: 'bad', warning: 'warn', note: 'hand' };
const WOULD: Record<Prognosis['would'], { tone: Tone; word: string }> = {
  'fail-over': { tone: 'fine', word: 'WOULD FAIL OVER' },
  not: { tone: 'bad', word: 'WOULD NOT' },
  unknown: { tone: 'warn', word: 'NOT KNOWN' },
};

/** Prognoses that are fine and stand in the page; the others are counted. */
const MOST_FINE = 50;

/** What the doctor finds from inside the account: whether each site would fail over, then each finding with its mend. */
export const doctorPage = ({ findings, prognoses }: Diagnosis, called: string): Html => {
  const worst = prognoses.toSorted(
    (a, b) => Number(a.would === 'fail-over') - Number(b.would === 'fail-over'),
  );
  const fine = worst.filter(({ would }) => would === 'fail-over');
  const shown = worst.slice(0, worst.length - fine.length + MOST_FINE);
  return html`<h1>Doctor</h1>
<p class="why">${verdict(prognoses)} From inside the account; <code>${called} check</code> also looks at DNS and at the servers from where it is run.</p>
<section aria-labelledby="h-found"><h2 id="h-found">Findings</h2>
${findings.length === 0 ? html`<p class="calm">None.</p>` : html`<ul class="groups">${findings.map(findingItem)}</ul>`}
</section>
<section aria-labelledby="h-would"><h2 id="h-would">Would each site fail over?</h2>
<ul class="notes plain">${shown.map(prognosisItem)}</ul>
${worst.length > shown.length && html`<p class="dim">And ${worst.length - shown.length} more that would.</p>`}
</section>`;
};

const verdict = (prognoses: readonly Prognosis[]): string => {
  const would = prognoses.filter((one) => one.would === 'fail-over').length;
  return `${would} of ${prognoses.length} site${prognoses.length === 1 ? '' : 's'} would fail over now.`;
};

const findingItem = ({ severity, code, what, why, mend, site, zone }: Finding): Html => {
  const about =
    site === undefined
      ? html`<span class="name">${zone ?? 'the deployment'}</span>`
      : html`<a class="name" href="${siteHref(site)}">${site}</a>`;
  return html`<li class="group ${TONES[severity]}">
<p class="what"><span class="badge ${TONES[severity]}">${severity.toUpperCase()}</span>${about} <span class="dim">${code}</span></p>
<p class="why">${what}</p>
<p class="why">${why}</p>
<p class="why"><strong>${mend}</strong></p>
</li>`;
};

const prognosisItem = ({ site, would, text }: Prognosis): Html =>
  html`<li><span class="badge small ${WOULD[would].tone}">${WOULD[would].word}</span> <a href="${siteHref(site)}">${site}</a>${would !== 'fail-over' && ` ${text}`}</li>`;
