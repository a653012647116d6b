import { randomUUID } from 'node:crypto';
import { ENV, functionNames, heartbeatFunction } from '../contract.ts';
import { shardNumber } from '../core/site/shard.ts';
import { type Config, deadManRegion, movesElasticIps } from '../core/site/site.ts';
import type { Addresses, DnsEdge, World } from '../ports.ts';
import { accountReader } from './account.ts';
import { bakedConfig, required } from './baked-config.ts';
import { systemClock } from './clock.ts';
import { dnsEdge, dnsOfOne, serverOf } from './dns.ts';
import { dynamodbClient, dynamodbStore } from './dynamodb.ts';
import { lambdaHeart, lambdaProbers } from './lambda.ts';
import { printLine } from './log.ts';
import { newPacer } from './pacer.ts';
import { route53Client, route53Zones } from './route53.ts';
import { snsClient, snsEvents, snsTopic } from './sns.ts';

/** Few sites move an Elastic IP, and loading the client takes time: it is loaded when one is asked for. */
const lazyAddresses = (): Addresses => {
  let loaded: Promise<Addresses> | undefined;
  const addresses = () => {
    loaded ??= import('./ec2.ts').then(({ ec2Addresses }) => ec2Addresses());
    return loaded;
  };
  return {
    find: async (...asked) => (await addresses()).find(...asked),
    disassociate: async (...step) => (await addresses()).disassociate(...step),
    associate: async (...step) => (await addresses()).associate(...step),
  };
};

/** The configuration in a bundle; each site knows whose it is. */
const ownConfig = (): Config => {
  const config = bakedConfig<Config>();
  const { deployment } = config;
  return { ...config, sites: config.sites.map((site) => ({ ...site, deployment })) };
};

/** The world of a function on AWS, from its environment and the configuration in its bundle; throws when either is missing. */
export const awsWorld = (): World => {
  const config = ownConfig();
  const pacer = newPacer(systemClock, config.shard?.of);
  const route53 = route53Client();
  const dns = dnsEdge(process.env[ENV.dns]);
  const alertsArn = required(ENV.topicArn);
  const sns = snsClient();
  return {
    config,
    zoneIds: JSON.parse(required(ENV.zoneIds)) as Record<string, string>,
    clock: systemClock,
    probers: lambdaProbers(functionNames(config.deployment).prober, {
      heart: lambdaHeart(heartbeatFunction(config.deployment, shardNumber(config)), deadManRegion(config)),
    }),
    zones: route53Zones(route53, { beforeRead: () => pacer.spend(0) }),
    pacer,
    store: dynamodbStore(dynamodbClient(), required(ENV.tableName), randomUUID, { own: shardNumber(config) }),
    topic: snsTopic(sns, alertsArn, config.deployment),
    events: snsEvents(sns, required(ENV.eventsArn)),
    dns,
    log: printLine,
    ...(movesElasticIps(config) && { addresses: lazyAddresses() }),
    nonce: randomUUID,
    memory: new Map(),
    doctorTools: { account: accountReader(route53.reader), alertsArn, dns: doctorsDns(config, dns) },
  };
};

/** On one machine nothing delegates, and nothing outside it is asked. */
const doctorsDns = ({ local }: Config, dns: DnsEdge): DnsEdge | undefined => {
  const here = process.env[ENV.dns];
  if (here) return dnsOfOne(serverOf(here));
  return local ? undefined : dns;
};
