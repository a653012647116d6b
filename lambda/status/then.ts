import { eachOf } from '../async/pool.ts';
import { clockTime } from '../core/base/time.ts';
import { type Made, siteThen } from '../core/orders/site-then.ts';
import type { SiteStatus } from '../core/orders/status.ts';
import { type StatusDocument, statusDocument } from '../core/orders/status-document.ts';
import type { Site } from '../core/site/site.ts';
import { backToDecision } from './explain.ts';
import type { StatusPorts } from './ports.ts';

/** Histories read side by side. */
const HISTORIES_AT_ONCE = 10;

/** The status of `sites` as it was at `atMs`. A site of which no decision was on record by then is not among them. */
export const statusThen = async (
  ports: StatusPorts,
  sites: Site[],
  atMs: number,
): Promise<StatusDocument> => {
  const states = await ports.store.load(sites.map((site) => site.name));
  const found: SiteStatus[] = [];
  await eachOf(sites, HISTORIES_AT_ONCE, async (site) => {
    const { entries } = await backToDecision(ports, site, states.get(site.name), atMs);
    const made = entries.find(({ what }) => what === 'decided')?.detail as Made | undefined;
    if (made !== undefined) found.push(siteThen(site, { made, entries }));
  });
  const { deployment, vantages } = ports.config;
  return statusDocument(
    {
      deployment,
      nowMs: atMs,
      decidedMs: 0,
      silentControllers: 0,
      vantages: { of: vantages.length, blind: [] },
      controllers: `As it was at ${clockTime(atMs)}, as far as the history tells.`,
    },
    found,
  );
};
