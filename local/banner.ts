import { relative } from 'node:path';
import { servedAddresses } from '../lambda/core/site/site.ts';
import { CALLED } from '../lib/place.ts';
import type { Cloud } from './cloud.ts';
import { DEEDS, type Deed } from './deeds.ts';
import type { WebServer } from './demo-servers.ts';

/** What a person wants to know first: where everything is, and what to try. */
export const banner = (
  cloud: Pick<Cloud, 'dns' | 'aws' | 'state' | 'config'>,
  servers: Pick<WebServer, 'name' | 'address' | 'port' | 'pid'>[] = [],
  page?: string,
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
    ...(page === undefined ? [] : [`  page    ${page}`]),
    `  DNS     dig @127.0.0.1 -p ${port} ${first}`,
    `  AWS     ${cloud.aws}`,
    `  mails   to ${alerts.emails.join(', ') || 'nobody: alerts.emails is empty'}; kept in ${cloud.state}/mail.jsonl`,
    ...servers.map(
      ({ name, address, port: at, pid }) => `  ${name.padEnd(7)} http://${address}:${at}/  process ${pid}`,
    ),
    ...(outside.length > 0 ? [`  probes  leave this machine, for ${someOf(outside)}`] : []),
    ...(primary ? tries(primary.name, cloud.state) : []),
    '',
    '  Times are UTC. Ctrl-C ends everything.',
    '',
  ];
  return `${lines.join('\n')}\n`;
};

/** What a demo server answers, and a command for each way in which one can fail. */
const tries = (name: string, state: string): string[] => {
  const from = relative(process.cwd(), state);
  const where = from.startsWith('..') ? state : from;
  const local = where === '.switchover' ? '' : ` --local ${where}`;
  const command = (deed: Deed): string =>
    `  ${deed === 'kill' ? 'Try ' : '    '}    ${CALLED} demo-server ${name} ${deed.padEnd(6)}${local}   ${DEEDS[deed]}`;
  return [
    '',
    '  Both answer 200 to everything, and "ok" at /healthz, which is what is probed.',
    ...Object.keys(DEEDS).map((deed) => command(deed as Deed)),
    `          ${CALLED} status --local ${where}`,
  ];
};

const isLoopback = (address: string): boolean =>
  address.startsWith('127.') || address === '::1' || address === 'localhost';

const NAMED = 3;
const someOf = (all: string[]): string =>
  all.length > NAMED ? `${all.slice(0, NAMED).join(', ')} and ${all.length - NAMED} more` : all.join(', ');

const counted = (count: number, what: string): string => `${count} ${what}${count === 1 ? '' : 's'}`;
