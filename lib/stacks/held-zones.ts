import type { Stack } from 'aws-cdk-lib';
import type { ITable } from 'aws-cdk-lib/aws-dynamodb';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { HostedZone, type IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Construct } from 'constructs';
import { type Config, readRoleArn } from '../../lambda/core/site/site.ts';
import { addressReadGrants } from './address-grants.ts';
import {
  assumeGrants,
  type HeldZone,
  historyGrant,
  publishedGrant,
  recordsIn,
  stateReadGrant,
  zoneListGrant,
  zoneReadGrant,
} from './grants.ts';

/** What of each zone a configuration, or that of one controller, writes. */
export const holding = (scope: Construct, config: Config, given: ReadonlyMap<string, IHostedZone>) => {
  const zones = new Map(
    config.zones.map((zone) => [zone.name, given.get(zone.name) ?? knownZone(scope, zone)]),
  );
  return (own: Config): HeldZone[] =>
    own.zones.map(({ name, account }) => ({
      zone: zones.get(name) as IHostedZone,
      name,
      records: recordsIn(own, name),
      account,
    }));
};

/** Whether the zone is in the account that is deployed to. */
export const isHere = ({ account }: HeldZone): boolean => account === undefined;

/** What a function may do at the zones of its own account; nothing where there are none. */
const zoneRights = (held: HeldZone[], grants: (here: HeldZone[]) => PolicyStatement[]): PolicyStatement[] => {
  const here = held.filter(isHere);
  return here.length === 0 ? [] : grants(here);
};

/** For who moves records: what is read of zones here, and the roles by which others are reached. */
export const zoneGrants = (stack: Stack, held: HeldZone[]): PolicyStatement[] => [
  ...zoneRights(held, (here) => [zoneReadGrant(here), publishedGrant(stack)]),
  ...assumeGrants(held.flatMap(({ account }) => account?.roleArn ?? [])),
];

/** For who only looks. */
export const lookGrants = (config: Config, table: ITable, held: HeldZone[]): PolicyStatement[] => [
  stateReadGrant(table),
  historyGrant(table),
  ...zoneLookGrants(held),
  ...addressReadGrants(config),
];

/** For who only looks: at zones here, and at others by the role there that only reads. */
const zoneLookGrants = (held: HeldZone[]): PolicyStatement[] => [
  ...zoneRights(held, (here) => [zoneListGrant(here)]),
  ...assumeGrants(held.flatMap(({ account }) => (account ? [readRoleArn(account.roleArn)] : []))),
];

/** A zone that exists: it is used as it is. */
const knownZone = (scope: Construct, { name, id }: Config['zones'][number]): IHostedZone =>
  zoneOf(scope, name, String(id));

/** A zone by its id, which may be known at deployment alone. */
export const zoneOf = (scope: Construct, zoneName: string, hostedZoneId: string): IHostedZone =>
  HostedZone.fromHostedZoneAttributes(scope, `Zone-${zoneName}`, { hostedZoneId, zoneName });
