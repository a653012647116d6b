import type { Observation, ProbeRequest } from '../../lambda/core/probe/request.ts';
import { requestFor } from '../../lambda/observe/ask-vantages.ts';
import { probeBatch } from '../../lambda/prober/batch.ts';
import { checkedEvent } from '../../lambda/prober/event.ts';
import { checkConfig } from '../../lib/config/index.ts';
import { type Case, HOST, TEXT } from './case.ts';
import { trusted } from './certificates.ts';
import type { Line } from './table.ts';

/** Long enough for a busy machine; silent servers take all of it. */
const TIMEOUT_SECONDS = 2;

/**
 * The probe of a careful operator, as the controller makes it from a configuration: text is looked for, redirects are
 * followed as far as they may be. The URL is put in afterwards, since a site's host is stricter than what is asked here.
 */
export const questionOf = (one: Case, id: string, at: { address: string; port: number }): ProbeRequest => {
  const { config } = checkConfig({
    deployment: 'truth',
    local: true,
    homeRegion: 'eu-west-2',
    vantages: ['eu-west-2'],
    zones: [{ name: 'site.test' }],
    alerts: { emails: ['ops@example.co.uk'] },
    sites: [
      {
        name: HOST,
        servers: [
          { name: 'primary', ipv4: ['127.0.0.1'] },
          { name: 'standby', ipv4: ['127.0.0.2'] },
        ],
        probe: {
          url: `https://${HOST}/`,
          bodyIncludes: one.wanted ?? TEXT,
          followRedirects: 5,
          redirectHosts: ['127.0.0.1', ...(one.otherHosts ?? [])],
          timeoutSeconds: TIMEOUT_SECONDS,
          ...((one.scheme !== undefined || one.takesBoth) && { ca: trusted() }),
        },
      },
    ],
  });
  const url = new URL(`${one.scheme ?? 'http'}://${one.host ?? HOST}:${at.port}/`).href;
  return { ...requestFor(config.sites[0] as (typeof config.sites)[0], id, at.address), url };
};

/** What the prober says, by all that runs in one: the event is checked, the batch is probed. */
export const ask = async (request: ProbeRequest, nameServers: string[]): Promise<Observation> => {
  const event = checkedEvent({ probes: [request], deadlineMs: 4 * request.timeoutMs });
  const { observations } = await probeBatch(event, { nameServers });
  return observations[0] as Observation;
};

/** What the prober says of a line of the table. */
export type Told = { line: Line; observation: Observation };
