import { CfnOutput, Fn, RemovalPolicy, type Stack } from 'aws-cdk-lib';
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import type { Config } from '../../lambda/core/site/site.ts';
import { newStack, type Placement } from './stack.ts';

/**
 * The ids of the zones that are made here, by name, for another stack of the region, and their stack; no stack where
 * every zone of the configuration has an id. The ids are exports, which every CloudFormation knows; it takes none away
 * while the other stack still imports it.
 */
export type MadeZones = { stack?: Stack; ids: ReadonlyMap<string, string> };

/**
 * The zones that the configuration gives no id and that are not `given` by name. They outlive their stack: their name servers are with the registrar.
 * They are in a stack of their own so that a first deployment that fails later keeps them, and the next try finds the
 * same name servers.
 */
export const newZonesStack = (place: Placement, config: Config, given: ReadonlySet<string>): MadeZones => {
  const { deployment, homeRegion } = config;
  const names = config.zones.flatMap(({ name, id }) => (id === undefined && !given.has(name) ? [name] : []));
  if (names.length === 0) return { ids: new Map() };
  const stack = newStack(place('zones', homeRegion), {
    config,
    region: homeRegion,
    description: `Switchover ${deployment}: the hosted zones whose records are moved.`,
  });
  const idOf = (name: string): string => stack.exportValue(newZone(stack, name).hostedZoneId);
  return { stack, ids: new Map(names.map((name) => [name, idOf(name)])) };
};

const newZone = (stack: Stack, name: string): PublicHostedZone => {
  const zone = new PublicHostedZone(stack, `Zone-${name}`, {
    zoneName: name,
    comment: 'Records here are moved by Switchover; see the role records _switchover.*',
    // Changes go through Route 53's control plane in us-east-1. When that region fails, AWS moves the control plane of zones with
    // this option elsewhere, within about an hour instead of whenever. It is free.
    acceleratedRecoveryEnabled: true,
  });
  // Kept when it is taken out of the template or the stack is deleted. When the stack cannot be made at all it goes
  // again: a zone that nobody knows of would only be one more with other name servers.
  zone.applyRemovalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE);
  new CfnOutput(stack, outputId(stack, name), {
    description: `Delegate ${name} to these name servers, at its registrar or in its parent zone.`,
    value: Fn.join(' ', zone.hostedZoneNameServers ?? []),
  });
  return zone;
};

/** CloudFormation takes 255 characters; the rest is for a number. */
const OUTPUT_CHARACTERS = 240;

/** `my-shop.com` becomes MyShopCom, since an output's id may hold letters and digits only, and so does `my.shop.com`. */
const outputId = (stack: Stack, name: string): string => {
  const words = name.split(/[^a-z0-9]+/).map((word) => word.slice(0, 1).toUpperCase() + word.slice(1));
  const id = `NameServers${words.join('')}`.slice(0, OUTPUT_CHARACTERS);
  let number = 1;
  const numbered = () => (number === 1 ? id : `${id}No${number}`);
  while (stack.node.tryFindChild(numbered()) !== undefined) number += 1;
  return numbered();
};
