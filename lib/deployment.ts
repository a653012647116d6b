import { Annotations, Stack, type StackProps, Token } from 'aws-cdk-lib';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import type { Config } from '../lambda/core/site/site.ts';
import { type Bundles, bundleFunctions } from './bundle.ts';
import { checkConfig } from './config/index.ts';
import {
  CONSTRUCT_KEYS,
  refusePrivateZone,
  refuseStackName,
  refuseTopic,
  refuseWhatTheStackSays,
  zoneIdOf,
} from './refusals.ts';
import { zoneOf } from './stacks/held-zones.ts';
import { type Placement, refuseWhatIsNotForAws, type StackKind } from './stacks/stack.ts';
import { mailPeople } from './stacks/topic.ts';
import type { SwitchoverProps } from './switchover-props.ts';
import { claimName, claimRecords, knownRegion, mustBeKnown, ownName } from './synthesis-time.ts';

/** All that a deployment is made of. */
export type Parts = {
  config: Config;
  place: Placement;
  bundle: (config: Config) => Bundles;
  /** Zones whose ids the configuration does not have, by name. */
  zones: ReadonlyMap<string, IHostedZone>;
  topic?: ITopic;
  /** Whether deploying the stack of the controller takes the alarm on its silence along; else the alarm comes after it. */
  takesDeadManAlong: boolean;
};

/** A configuration that is checked already, and stacks where the app of this repository has always had them. */
export class AppParts {
  readonly config: Config;
  readonly place: Placement;
  readonly bundle: (config: Config) => Bundles;

  constructor(config: Config, place: Placement, bundle: (config: Config) => Bundles) {
    this.config = config;
    this.place = place;
    this.bundle = bundle;
  }
}

export const partsOfApp = ({ config, place, bundle }: AppParts): Parts => ({
  config,
  place,
  bundle,
  zones: new Map(),
  takesDeadManAlong: false,
});

/** The ids of stacks below the construct. */
const CHILDREN: Record<StackKind, (region: string) => string> = {
  state: () => 'StateStack',
  zones: () => 'ZonesStack',
  vantage: (region) => `Vantage-${region}`,
  'dead-man': () => 'DeadManStack',
};

const recordsOf = ({ sites }: Config, zone: string): string[] =>
  sites.flatMap((site) => (site.zone === zone ? site.names : []));

const isHostedZone = (zone: SwitchoverProps['zones'][number]): zone is IHostedZone => 'hostedZoneId' in zone;

/** Checks what was written for a stack of somebody's own, and says what is likely to be regretted. */
export const partsOf = (scope: Construct, props: SwitchoverProps): Parts => {
  refuseWhatTheStackSays(scope, props);
  const { zones, alerts, vantageStackProps, deployment = ownName(scope), ...rest } = props;
  const homeRegion = knownRegion(scope);
  mustBeKnown(scope, { ...rest, deployment, alerts: { emails: alerts?.emails, routes: alerts?.routes } }, '');
  const named = zones.map((zone, index) => {
    if (isHostedZone(zone)) refusePrivateZone(scope, zone);
    const name = isHostedZone(zone) ? zone.zoneName : zone.name;
    mustBeKnown(scope, name, `zones[${index}].${isHostedZone(zone) ? 'zoneName' : 'name'}`);
    // Its id stands in a stack of the other account, too.
    if (!isHostedZone(zone) && zone.account !== undefined) mustBeKnown(scope, zone, `zones[${index}]`);
    return { name, zone };
  });
  const told = [
    ...(alerts?.emails === undefined ? [] : [{ emails: alerts.emails }]),
    ...(alerts?.routes ?? []),
  ];
  const input = {
    ...rest,
    deployment,
    homeRegion,
    zones: named.map(({ name, zone }) =>
      isHostedZone(zone) || Token.isUnresolved(zone.id) ? { name } : zone,
    ),
    ...(told.length > 0 && { alerts: told }),
  };
  const given = { hasTopic: alerts?.topic !== undefined, keys: CONSTRUCT_KEYS };
  const { config, warnings } = checkConfig(input, `Switchover ${scope.node.path}`, given);
  for (const [index, text] of warnings.entries())
    Annotations.of(scope).addWarningV2(`switchover:configuration-${index + 1}`, text);
  refuseWhatIsNotForAws(scope, config);
  claimName(scope, deployment);
  const idsKnownLater = named.flatMap(({ zone }, index): [string, IHostedZone][] => {
    // As the configuration spells it, small and without a dot at its end.
    const name = config.zones[index]?.name ?? '';
    const id = isHostedZone(zone) ? zoneIdOf(scope, zone.hostedZoneId) : zone.id;
    // One without an id is made, and is nobody else's.
    if (id !== undefined) claimRecords(scope, recordsOf(config, name), id);
    if (isHostedZone(zone))
      return [[name, id === zone.hostedZoneId ? zone : zoneOf(scope, name, String(id))]];
    return Token.isUnresolved(id) ? [[name, zoneOf(scope, name, String(id))]] : [];
  });
  const { account } = Stack.of(scope);
  if (alerts?.topic !== undefined) {
    refuseTopic(scope, alerts.topic);
    mailPeople(alerts.topic, config.alerts);
  }
  return {
    config,
    place: (kind, region) => {
      const wanted: StackProps | undefined = vantageStackProps?.(region);
      refuseStackName(scope, wanted);
      return { scope, id: CHILDREN[kind](region), props: { ...wanted, env: { account, region } } };
    },
    bundle: bundleFunctions,
    zones: new Map(idsKnownLater),
    topic: alerts?.topic,
    takesDeadManAlong: true,
  };
};
