import { waitingOf } from '../assess/assess.ts';
import { changeDeployment } from '../book/change.ts';
import { saveDeployment } from '../book/deployment.ts';
import { movesAllowed } from '../core/decision/move-limit.ts';
import { withClaims } from '../core/state/claim.ts';
import { tellVantages, tellWaiting, tellZones } from '../core/steps/tell-deployment.ts';
import type { Observer } from '../observe/observe.ts';
import { listedOf } from '../zones/listing.ts';

/**
 * What concerns the deployment as a whole: vantages that are blind, zones that cannot be read, sites that wait for
 * others.
 */
export const announceDeployment = async (observer: Observer): Promise<void> => {
  const { assessments, blindVantages, clock, config, seeingVantages } = observer;
  const { book, listings } = assessments;
  const nowMs = clock.now();
  const sees = config.vantages.filter((v) => seeingVantages.has(v));
  const unlisted = config.sites.filter((site) => listedOf(listings, site).view === undefined);
  const unreadable = [...new Set(unlisted.map(({ zone }) => zone))];
  const waiting = waitingOf(assessments).map(({ name }) => name);
  const allowed = movesAllowed(config.sites.length, config.maxMoveShare);
  changeDeployment(book, (state) => {
    const blind = tellVantages(state, { blind: blindVantages, sees, nowMs }, config);
    const zones = tellZones(blind, { unreadable, nowMs }, config);
    return withClaims(tellWaiting(zones, { waiting, allowed, nowMs }, config), book.id, nowMs);
  });
  await saveDeployment(book);
  book.tell.ring();
};
