import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, ENV, functionNames } from '../contract.ts';
import { shardNumber } from '../core/shard.ts';
import type { Config } from '../core/site.ts';
import { newPacer } from '../pacer.ts';
import type { World } from '../world.ts';
import { systemClock } from './clock.ts';
import { dnsEdge } from './dns.ts';
import { dynamodbClient, dynamodbStore } from './dynamodb.ts';
import { lambdaProbers } from './lambda.ts';
import { route53Client, route53Zones } from './route53.ts';
import { snsClient, snsTopic } from './sns.ts';

const required = (name: string): string => {
  const value = process.env[name];
  if (!value)
    throw new Error(`Expected the environment variable ${name} to be set by the stack, received nothing.`);
  return value;
};

/** The world of a function on AWS, from its environment and the configuration in its bundle; throws when either is missing. */
export const awsWorld = (): World => {
  // Lambda names the directory of the bundle; there is no other way to find a file beside it from any module format.
  const config = JSON.parse(readFileSync(join(required('LAMBDA_TASK_ROOT'), CONFIG_FILE), 'utf8')) as Config;
  const pacer = newPacer(systemClock);
  return {
    config,
    zoneIds: JSON.parse(required(ENV.zoneIds)) as Record<string, string>,
    clock: systemClock,
    probers: lambdaProbers(functionNames(config.deployment).prober),
    zones: route53Zones(route53Client(), { beforeRead: () => pacer.spend(0) }),
    pacer,
    store: dynamodbStore(dynamodbClient(), required(ENV.tableName), randomUUID, shardNumber(config)),
    dns: dnsEdge(process.env[ENV.dns]),
    topic: snsTopic(snsClient(), required(ENV.topicArn), config.deployment),
    log: (line) => console.log(JSON.stringify(line)),
    nonce: randomUUID,
    memory: new Map(),
  };
};
