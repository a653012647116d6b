import type { Config, Site } from '../lambda/core/site/site.ts';
import { CannotStart } from './cannot-start.ts';
import { type ElasticIp, ec2Service } from './ec2.ts';
import { type Forwarder, startForwarder } from './forwarder.ts';
import type { Service } from './service.ts';
import type { StateDir } from './state.ts';

type Moving = { site: Site; address: ElasticIp; ports: number[] };

const movingOf = (config: Config): Moving[] =>
  config.sites.flatMap((site) => {
    const { address: publicIp, allocationId, region = config.homeRegion } = site.readdress ?? {};
    if (publicIp === undefined || allocationId === undefined) return [];
    const { protocol, port } = new URL(site.probe.url);
    const usual = protocol === 'https:' ? 443 : 80;
    const address = { allocationId, publicIp, region };
    return [{ site, address, ports: [port === '' ? usual : Number(port)] }];
  });

/**
 * The Elastic IPs of the configured sites: the EC2 endpoint that moves them, and on loopback addresses a forwarder each, so that
 * whoever connects to the address reaches the server that holds it. Elsewhere the addresses are EC2's word only.
 */
export const startElasticIps = async (
  accountId: string,
  config: Config,
  state: StateDir,
): Promise<{ ec2: Service; close(): Promise<unknown> }> => {
  const moving = movingOf(config);
  const forwarders = new Map<string, Forwarder>();
  const close = () => Promise.all([...forwarders.values()].map((forwarder) => forwarder.close()));
  for (const { address, ports } of moving) {
    if (!address.publicIp.startsWith('127.') || forwarders.has(address.allocationId)) continue;
    try {
      forwarders.set(address.allocationId, await startForwarder(address.publicIp, ports));
    } catch (cause) {
      await close();
      throw new CannotStart(
        `Cannot stand for the Elastic IP ${address.publicIp} on port ${ports.join(', ')}: ${(cause as Error).message}.`,
        { cause },
      );
    }
  }
  const servers = moving.flatMap(({ site }) => site.servers);
  const ec2 = ec2Service({
    accountId,
    addresses: moving.map(({ address }) => address),
    holders: servers.flatMap(({ holder }) => holder ?? []),
    ...optional('saved', state.addresses()),
    save: state.saveAddresses,
    onAssociation: ({ allocationId }, holder) => {
      const at = moving
        .find(({ address }) => address.allocationId === allocationId)
        ?.site.servers.find((server) => holder !== undefined && server.holder === holder);
      forwarders.get(allocationId)?.to(at?.probeAddress);
    },
  });
  return { ec2, close };
};

const optional = <K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } =>
  (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
