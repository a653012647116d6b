import type { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type Config, movesElasticIps, type Site } from '../../lambda/core/site/site.ts';

/** Where the Elastic IPs are that sites move: EC2 knows no resources for this question, and answers ids and addresses. */
export const addressReadGrants = (config: Config): PolicyStatement[] =>
  movesElasticIps(config)
    ? [new PolicyStatement({ actions: ['ec2:DescribeAddresses'], resources: ['*'] })]
    : [];

/**
 * Moving: these Elastic IPs, and to the servers of their sites only. Taking an address away is a statement of its own: the service
 * authorization reference of EC2 knows for it the address and a network interface, and no instance, whose interface nobody
 * can name beforehand. Both must be allowed, so any interface of the account is as narrow as the addresses are.
 */
export const addressMoveGrants = (stack: Stack, config: Config): PolicyStatement[] => {
  const moving = config.sites.filter(({ readdress }) => readdress?.allocationId !== undefined);
  if (moving.length === 0) return [];
  const arn = (site: Site, resource: string, resourceName: string): string =>
    stack.formatArn({ service: 'ec2', region: addressRegion(config, site), resource, resourceName });
  const sorted = (arns: string[]) => [...new Set(arns)].sort();
  const addresses = moving.map((site) => arn(site, 'elastic-ip', site.readdress?.allocationId ?? ''));
  const holders = moving.flatMap((site) =>
    site.servers.flatMap(({ holder: id }) =>
      id === undefined ? [] : arn(site, id.startsWith('i-') ? 'instance' : 'network-interface', id),
    ),
  );
  const interfaces = moving.map((site) => arn(site, 'network-interface', '*'));
  return [
    new PolicyStatement({
      actions: ['ec2:AssociateAddress'],
      resources: sorted([...addresses, ...holders]),
    }),
    new PolicyStatement({
      actions: ['ec2:DisassociateAddress'],
      resources: sorted([...addresses, ...interfaces]),
    }),
  ];
};

/** The region in which a site's Elastic IP is. */
export const addressRegion = ({ homeRegion }: Config, { readdress }: Site): string =>
  readdress?.region ?? homeRegion;
