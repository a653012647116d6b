import { randomUUID } from 'node:crypto';
import { ENV, functionNames, heartbeatFunction } from '../contract.ts';
import { shardNumber } from '../core/site/shard.ts';
import {
  type Config,
  deadManRegion,
  movesElasticIps,
  partsOfRole,
  readRoleArn,
  type ZoneAccount,
} from '../core/site/site.ts';
import type { Addresses, DnsEdge, Pacer, World } from '../ports.ts';
import { accountReader } from './account.ts';
import { bakedConfig, required } from './baked-config.ts';
import { systemClock } from './clock.ts';
import { dnsEdge, dnsOfOne, serverOf } from './dns.ts';
import { dynamodbClient, dynamodbStore } from './dynamodb.ts';
import { lambdaHeart, lambdaProbers } from './lambda.ts';
import { printLine } from './log.ts';
import { newPacer } from './pacer.ts';
import { type AssumeRole, keepCredentials } from './role-credentials.ts';
import { route53Client, route53Zones } from './route53.ts';
import { snsClient, snsEvents, snsTopic } from './sns.ts';
import { clientsAbroad, readerOf as readerAbroad, zonesAbroad, zonesOfAccounts } from './zone-accounts.ts';

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

/** Likewise the client of STS, which is wanted where a zone is in another account. */
const lazyAssume = (): AssumeRole => {
  let loaded: Promise<AssumeRole> | undefined;
  return async (account) => {
    loaded ??= import('./sts.ts').then(({ stsAssumeRole, stsClient }) =>
      stsAssumeRole(stsClient(), required('AWS_LAMBDA_FUNCTION_NAME')),
    );
    return (await loaded)(account);
  };
};

/** The hosted zones, each asked of the account that has it and within the limits of that account. */
const zonesOf = (config: Config, zoneIds: Record<string, string>, onlyReads: boolean) => {
  const pacers = new Map<string | undefined, Pacer>();
  const pacerOf = (account: ZoneAccount | undefined): Pacer => {
    const whose = account && partsOfRole(account.roleArn).account;
    const pacer = pacers.get(whose) ?? newPacer(systemClock, config.shard?.of);
    pacers.set(whose, pacer);
    return pacer;
  };
  const accounts = new Map(
    config.zones.flatMap(({ name, account }) => {
      if (account === undefined) return [];
      const role = onlyReads ? { ...account, roleArn: readRoleArn(account.roleArn) } : account;
      return [[name, role] as const];
    }),
  );
  const byId = new Map(Object.entries(zoneIds).map(([name, id]) => [id, accounts.get(name)]));
  const accountOf = (zoneId: string) => byId.get(zoneId);
  const reach = clientsAbroad(keepCredentials(lazyAssume(), systemClock));
  const own = route53Client();
  return {
    zones: zonesOfAccounts(
      route53Zones(own, { beforeRead: () => pacerOf(undefined).spend(0) }),
      accountOf,
      zonesAbroad(reach, pacerOf),
    ),
    pacerOf: (zone: string) => pacerOf(accounts.get(zone)),
    readerOf: readerAbroad(own.reader, accountOf, reach),
  };
};

/**
 * The world of a function on AWS, from its environment and the configuration in its bundle; throws when either is missing.
 * `onlyReads`: of a function that changes nothing, which is let into other accounts by another role.
 */
export const awsWorld = ({ onlyReads = false } = {}): World => {
  const config = ownConfig();
  const zoneIds = JSON.parse(required(ENV.zoneIds)) as Record<string, string>;
  const { zones, pacerOf, readerOf } = zonesOf(config, zoneIds, onlyReads);
  const dns = dnsEdge(process.env[ENV.dns]);
  const alertsArn = required(ENV.topicArn);
  const sns = snsClient();
  return {
    config,
    zoneIds,
    clock: systemClock,
    probers: lambdaProbers(functionNames(config.deployment).prober, {
      heart: lambdaHeart(heartbeatFunction(config.deployment, shardNumber(config)), deadManRegion(config)),
    }),
    zones,
    pacerOf,
    store: dynamodbStore(dynamodbClient(), required(ENV.tableName), randomUUID, { own: shardNumber(config) }),
    topic: snsTopic(sns, alertsArn, config.deployment),
    events: snsEvents(sns, required(ENV.eventsArn)),
    dns,
    log: printLine,
    ...(movesElasticIps(config) && { addresses: lazyAddresses() }),
    nonce: randomUUID,
    memory: new Map(),
    doctorTools: { account: accountReader(readerOf), alertsArn, dns: doctorsDns(config, dns) },
  };
};

/** On one machine nothing delegates, and nothing outside it is asked. */
const doctorsDns = ({ local }: Config, dns: DnsEdge): DnsEdge | undefined => {
  const here = process.env[ENV.dns];
  if (here) return dnsOfOne(serverOf(here));
  return local ? undefined : dns;
};
