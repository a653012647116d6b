import { servedAddresses } from '../lambda/core/site.ts';
import type { Cloud } from './cloud.ts';
import type { WebServer } from './demo-servers.ts';

/** What a person wants to know first: where everything is, and what to try. */
export const banner = (
  cloud: Pick<Cloud, 'dns' | 'aws' | 'state' | 'config'>,
  servers: WebServer[],
): string => {
  const { sites, vantages, alerts, intervalSeconds } = cloud.config;
  const port = cloud.dns.split(':')[1];
  const first = sites[0]?.name ?? '';
  const [primary] = servers;
  const probed = [
    ...new Set(
      sites.flatMap((site) =>
        site.servers.flatMap((server) => server.probeAddress ?? servedAddresses(server)),
      ),
    ),
  ];
  const outside = probed.filter((address) => !isLoopback(address));
  const lines = [
    '',
    `  Switchover on this machine: ${counted(sites.length, 'site')}, seen every ${intervalSeconds} s from ${vantages.join(', ')}`,
    '',
    `  DNS     dig @127.0.0.1 -p ${port} ${first}`,
    `  AWS     ${cloud.aws}`,
    `  mails   to ${alerts.emails.join(', ') || 'nobody: alerts.emails is empty'}; kept in ${cloud.state}/mail.jsonl`,
    ...servers.map(
      ({ name, address, port: at, pid }) => `  ${name.padEnd(7)} http://${address}:${at}/  process ${pid}`,
    ),
    ...(outside.length > 0 ? [`  probes  leave this machine, for ${someOf(outside)}`] : []),
    ...(primary ? ['', `  Try     kill ${primary.pid}`] : []),
    '',
    '  Times are UTC. Ctrl-C ends everything.',
    '',
  ];
  return `${lines.join('\n')}\n`;
};

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address === 'localhost';

const NAMED = 3;
const someOf = (all: string[]): string =>
  all.length > NAMED ? `${all.slice(0, NAMED).join(', ')} and ${all.length - NAMED} more` : all.join(', ');

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
