import { type Assessments, assessmentOf, waitingOf } from '../assess/assess.ts';
import { type Book, stateOf } from '../book/book.ts';
import { changeDeployment } from '../book/change.ts';
import { saveDeployment } from '../book/deployment.ts';
import { isAway } from '../book/table.ts';
import { movesAllowed } from '../core/decision/move-limit.ts';
import type { Site } from '../core/site/site.ts';
import { withClaims } from '../core/state/claim.ts';
import { TOLD_APART } from '../core/state/notice.ts';
import { isWell } from '../core/steps/incident.ts';
import {
  type Mass,
  tellMasses,
  tellVantages,
  tellWaiting,
  tellZones,
} from '../core/steps/tell-deployment.ts';
import { tellWeekly } from '../core/steps/tell-weekly.ts';
import type { Observer } from '../observe/observe.ts';
import { listedOf } from '../zones/listing.ts';

/** The mass failures that the states of the sites remember. */
const massesOf = ({ entries }: Book): Map<string, Mass> => {
  const going = new Map<string, Mass>();
  for (const { state } of entries.values()) {
    const { group, openedMs = 0 } = state.incident ?? {};
    if (group === undefined) continue;
    const { sinceMs, count } = going.get(group) ?? { sinceMs: openedMs, count: 0 };
    going.set(group, { sinceMs: Math.min(sinceMs, openedMs), count: count + 1 });
  }
  return going;
};

/** The sites of which the last look does not show that they are well on their preferred server. */
const differing = (assessments: Assessments): string[] =>
  assessments.config.sites
    .filter((site) => {
      const assessment = assessmentOf(assessments, site);
      return assessment === undefined || !isWell(assessment, stateOf(assessments.book, site));
    })
    .map(({ name }) => name);

/** Whether all states are as they are stored. */
const areKnown = (book: Book): boolean =>
  book.deploymentRead &&
  !isAway(book) &&
  [...book.entries.values()].every(({ version, unreadable }) => version !== undefined && !unreadable);

/** What concerns the deployment as a whole: vantages that are blind, zones that cannot be read, sites that wait for others. */
export const announceDeployment = async (observer: Observer): Promise<void> => {
  const { assessments, blindVantages, clock, config, seeingVantages } = observer;
  const { book, listings } = assessments;
  const nowMs = clock.now();
  const sees = config.vantages.filter((v) => seeingVantages.has(v));
  const unlisted = config.sites.filter((site) => listedOf(listings, site).view === undefined);
  const unreadable = [...new Set(unlisted.map(({ zone }) => zone))];
  const due = config.sites.filter((site) => {
    const decision = assessmentOf(assessments, site)?.decision;
    return decision?.act === 'serve' || decision?.waits;
  });
  // Of more sites the message about all of them tells how many wait, and of the last of these, too.
  const isUntold = (site: Site) => stateOf(book, site).incident?.group === undefined;
  const waiting =
    due.length > TOLD_APART
      ? []
      : waitingOf(assessments)
          .filter(isUntold)
          .map(({ name }) => name);
  const allowed = movesAllowed(config.sites.length, config.maxMoveShare);
  changeDeployment(book, (state) => {
    const blind = tellVantages(state, { blind: blindVantages, sees, nowMs }, config);
    const zones = tellZones(blind, { unreadable, nowMs }, config);
    const told = tellWaiting(zones, { waiting, allowed, nowMs }, config);
    // Of no use but at the end of a mass failure, and each site is looked at for it.
    const differ = state.masses === undefined ? [] : differing(assessments);
    const masses = { going: massesOf(book), known: areKnown(book), differ, nowMs };
    const weekly = tellWeekly(tellMasses(told, masses, config), nowMs, config);
    return withClaims(weekly, book.id, nowMs);
  });
  await saveDeployment(book);
  book.tell.ring();
};
