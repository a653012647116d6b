import { CONDITIONS } from '../lambda/core/orders/condition.ts';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import type { StatusDocument } from '../lambda/core/orders/status-document.ts';

/** As Prometheus reads it (its text format, version 0.0.4). */
export const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

type Labels = Record<string, string>;
type Metric = {
  name: string;
  help: string;
  values(document: StatusDocument): [labels: Labels, value: number][];
};

/** What may not stand in a label as it is. */
const inLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');

const ofSites =
  (read: (site: SiteStatus) => number | undefined): Metric['values'] =>
  ({ sites }) =>
    sites.flatMap((site) => {
      const value = read(site);
      return value === undefined ? [] : [[{ site: site.site }, value] as [Labels, number]];
    });

const ofServers =
  (read: (server: SiteStatus['servers'][number]) => number | undefined): Metric['values'] =>
  ({ sites }) =>
    sites.flatMap(({ site, servers }) =>
      servers.flatMap((server) => {
        const value = read(server);
        return value === undefined ? [] : [[{ site, server: server.server }, value] as [Labels, number]];
      }),
    );

const seconds = (iso: string): number => Date.parse(iso) / 1000;

/** All are gauges: each is what the status document says now. What is not known has no line. */
const METRICS: readonly Metric[] = [
  {
    name: 'switchover_ok',
    help: 'Whether every controller decides and every site is served well.',
    values: ({ ok }) => [[{}, Number(ok)]],
  },
  {
    name: 'switchover_decided_timestamp_seconds',
    help: 'Start of the last round of the controller that is furthest behind.',
    values: ({ decidedAt }) => (decidedAt === null ? [] : [[{}, seconds(decidedAt)]]),
  },
  {
    name: 'switchover_silent_controllers',
    help: 'Controllers that have not decided lately.',
    values: ({ silentControllers }) => [[{}, silentControllers]],
  },
  {
    name: 'switchover_blind_vantages',
    help: 'Vantages that see nothing.',
    values: ({ vantages }) => [[{}, vantages.blind.length]],
  },
  {
    name: 'switchover_site_ok',
    help: 'Whether the site is served well, from records that are as Switchover left them.',
    values: ({ sites }) =>
      sites.map(({ site, condition }) => [{ site, condition }, Number(CONDITIONS[condition].ok)]),
  },
  {
    name: 'switchover_site_auto',
    help: 'Whether the site moves by itself: 0 while it is held or pinned.',
    values: ofSites(({ mode }) => Number(mode === 'auto')),
  },
  {
    name: 'switchover_site_epoch',
    help: 'The counter of the role record. Each write adds one.',
    values: ofSites(({ epoch }) => epoch ?? undefined),
  },
  {
    name: 'switchover_server_up',
    help: 'Whether the server is up: 1 or 0, and no line while it is unknown.',
    values: ofServers(({ health }) => (health === 'unknown' ? undefined : Number(health === 'up'))),
  },
  {
    name: 'switchover_server_serving',
    help: 'Whether DNS names the server.',
    values: ofServers(({ serves }) => Number(serves)),
  },
  {
    name: 'switchover_server_armed',
    help: 'Whether the server would take over if the serving one died now.',
    values: ofServers(({ armed }) => Number(armed)),
  },
  {
    name: 'switchover_server_certificate_end_timestamp_seconds',
    help: 'When the certificate that the server shows ends.',
    values: ofServers(({ certificateEnds }) =>
      certificateEnds === null ? undefined : seconds(certificateEnds),
    ),
  },
];

const labelled = (labels: Labels): string =>
  Object.entries(labels)
    .map(([name, value]) => `${name}="${inLabel(value)}"`)
    .join(',');

/** The status document as metrics in Prometheus' text format. */
export const metricsText = (document: StatusDocument): string =>
  METRICS.map(({ name, help, values }) => {
    const lines = values(document).map(
      ([labels, value]) => `${name}{${labelled({ deployment: document.deployment, ...labels })}} ${value}\n`,
    );
    return `# HELP ${name} ${help}\n# TYPE ${name} gauge\n${lines.join('')}`;
  }).join('');
