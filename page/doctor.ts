import type { Diagnosis, Prognosis } from '../lambda/core/doctor/diagnosis.ts';
import {
  type FindingGroup,
  findingsTogether,
  type PrognosisGroup,
  prognosesTogether,
  type Told,
} from '../lambda/core/doctor/together.ts';
import { sitesCounted } from '../lambda/core/orders/status-document.ts';
import type { Finding } from '../lambda/core/state/finding.ts';
import { type Html, html } from '../lambda/core/view/html.ts';
import type { Tone } from '../lambda/core/view/looks.ts';
import { siteHref, siteNames } from './looks.ts';

const TONES: Record<Finding['severity'], Tone> = { error: 'bad', warning: 'warn', note: 'hand' };
const WOULD: Record<Prognosis['would'], { tone: Tone; word: string }> = {
  'fail-over': { tone: 'fine', word: 'WOULD FAIL OVER' },
  not: { tone: 'bad', word: 'WOULD NOT' },
  unknown: { tone: 'warn', word: 'NOT KNOWN' },
};

/** Sentences of one card that differ. */
const MOST_TOLD = 20;

/** What the doctor finds from inside the account: whether each site would fail over, then each finding with its mend. */
export const doctorPage = ({ findings, prognoses }: Diagnosis, called: string): Html => html`<h1>Doctor</h1>
<p class="why">${verdict(prognoses)} From inside the account; <code>${called} check</code> also looks at DNS and at the servers from where it is run.</p>
<section aria-labelledby="h-found"><h2 id="h-found">Findings</h2>
${findings.length === 0 ? html`<p class="calm">None.</p>` : html`<ul class="groups">${findingsTogether(findings).map(findingItem)}</ul>`}
</section>
<section aria-labelledby="h-would"><h2 id="h-would">Would each site fail over?</h2>
<ul class="notes plain">${prognosesTogether(prognoses).map(prognosisItem)}</ul>
</section>`;

const verdict = (prognoses: readonly Prognosis[]): string => {
  const would = prognoses.filter((one) => one.would === 'fail-over').length;
  return `${would} of ${sitesCounted(prognoses.length)} would fail over now.`;
};

const findingItem = ({ severity, code, why, mend, zone, told }: FindingGroup): Html => {
  const count = told.reduce((sum, { sites }) => sum + sites.length, 0);
  const [only] = count === 1 ? (told[0]?.sites ?? []) : [];
  const about =
    only === undefined
      ? html`<span class="name">${count > 0 ? sitesCounted(count) : (zone ?? 'the deployment')}</span>`
      : html`<a class="name" href="${siteHref(only)}">${only}</a>`;
  return html`<li class="group ${TONES[severity]}">
<p class="what"><span class="badge ${TONES[severity]}">${severity.toUpperCase()}</span>${about} <span class="dim">${code}</span></p>
${told.slice(0, MOST_TOLD).map((one) => toldItem(one, only === undefined))}
${told.length > MOST_TOLD && html`<p class="dim">And ${told.length - MOST_TOLD} more.</p>`}
<p class="why">${why}</p>
<p class="why"><strong>${mend}</strong></p>
</li>`;
};

/** Where the card is of one site it is named above, and the sentence names it wherever it is of one. */
const toldItem = ({ what, sites }: Told, isNamed: boolean): Html =>
  html`<p class="why">${what}</p>${isNamed && sites.length > 0 && html`<p class="names">${siteNames(sites)}</p>`}`;

const prognosisItem = ({ would, because, sites }: PrognosisGroup): Html =>
  html`<li><span class="badge small ${WOULD[would].tone}">${WOULD[would].word}</span>${because && ` ${because}`} <span class="names">${siteNames(sites)}</span></li>`;
