import { randomUUID } from 'node:crypto';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { Route53Client } from '@aws-sdk/client-route-53';
import { SNSClient } from '@aws-sdk/client-sns';
import type { VirtualClock } from '../fixtures/virtual/clock.ts';
import { heartbeatFunction, type LogLine } from '../lambda/contract.ts';
import type { ProbeRequest, ProberEvent } from '../lambda/core/probe/request.ts';
import { shardNumber } from '../lambda/core/site/shard.ts';
import { type Config, deadManRegion } from '../lambda/core/site/site.ts';
import { dynamodbStore } from '../lambda/edge/dynamodb.ts';
import { lambdaHeart, lambdaProbers } from '../lambda/edge/lambda.ts';
import { LIMITS } from '../lambda/edge/limits.ts';
import { newPacer } from '../lambda/edge/pacer.ts';
import { route53Zones } from '../lambda/edge/route53.ts';
import { snsEvents, snsTopic } from '../lambda/edge/sns.ts';
import type { DnsAnswer, DnsEdge, World } from '../lambda/ports.ts';
import { aroundZones } from '../local/parent.ts';
import { route53Service } from '../local/route53.ts';
import { virtualTable } from './virtual-table.ts';
import { far, type Meter, type Sent, type Service, virtualWire } from './virtual-wire.ts';

/** What a call of AWS and a batch of probes take, and until a change is in DNS, milliseconds. Assumed. */
const CALL_MS = 20;
const BATCH_MS = 120;
const INSYNC_MS = 30_000;
const DNS_MS = 5;
/** One program plays every name server. */
const NAME_SERVER = { address: '127.0.0.1', port: 53 };
const KEYS = { accessKeyId: 'bench', secretAccessKey: 'bench' };

/** Whether the server at an address is dead. */
export type Fate = (address: string) => boolean;

/** What a prober answers of one server, as long as that of a real one. */
const observed = ({ id, address }: ProbeRequest, isDead: boolean) => ({
  ...(isDead
    ? { id, outcome: 'failed', code: 'refused', detail: `${address} refused the connection (ECONNREFUSED)` }
    : { id, outcome: 'passed', code: 'ok', detail: 'status 200', status: 200 }),
  phases: { dnsMs: 0, connectMs: 20, tlsMs: 30, headersMs: 40, totalMs: 90 },
});

const answered = (given: Partial<DnsAnswer>): DnsAnswer => ({
  ...{ rcode: 'REFUSED', authoritative: false, recursionAvailable: false, authenticated: false },
  ...{ answers: [], authorities: [], additionals: [] },
  ...given,
});

const lambdaService = (isDead: Fate, probes: { count: number }): Service => {
  const isBeat = ({ path }: Sent) => path.includes(heartbeatFunction('bench'));
  return {
    tookMs: BATCH_MS,
    operationOf: (sent) => (isBeat(sent) ? 'Lambda Invoke of the heartbeat' : 'Lambda Invoke of a prober'),
    async answer(sent) {
      const headers = { 'content-type': 'application/json' };
      if (isBeat(sent)) return { status: 200, headers, body: 'null' };
      const event = JSON.parse(sent.body.toString()) as ProberEvent;
      probes.count += event.probes.length;
      const observations = event.probes.map((probe) => observed(probe, isDead(probe.address)));
      return { status: 200, headers, body: JSON.stringify({ observations }) };
    },
  };
};

const PUBLISHED =
  '<PublishResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><PublishResult><MessageId>b6d0</MessageId></PublishResult></PublishResponse>';
const SNS: Service = {
  tookMs: CALL_MS,
  operationOf: () => 'SNS Publish',
  answer: async () => ({ status: 200, headers: { 'content-type': 'text/xml' }, body: PUBLISHED }),
};

/**
 * AWS and the servers of all sites, in this process and in virtual time: the local Route 53 with the limits of an account,
 * a table, topics that take everything, and probers.
 */
export const virtualCloud = (clock: VirtualClock, zones: readonly string[], meter: Meter, isDead: Fate) => {
  const model = route53Service({ now: clock.now, insyncAfterMs: INSYNC_MS, throttled: true });
  const zoneIds = Object.fromEntries(zones.map((name) => [name, model.createZone(name).id]));
  const table = virtualTable(CALL_MS);
  const probes = { count: 0 };
  const lines: LogLine[] = [];
  const callOf = ({ query, ...sent }: Sent) => ({
    ...{ ...sent, caller: 'operator', service: 'route53', region: 'us-east-1' },
    query: new URLSearchParams(
      Object.entries(query).map(([name, value]): [string, string] => [name, String(value ?? '')]),
    ),
  });
  const route53: Service = {
    tookMs: CALL_MS,
    operationOf: (sent) => `Route 53 ${model.operation(callOf(sent))}`,
    answer: (sent) => model.handle(callOf(sent)),
  };
  const dns: DnsEdge = {
    resolvers: [NAME_SERVER],
    port: NAME_SERVER.port,
    ask: async (_, { name, type }) => {
      await clock.sleep(DNS_MS);
      return far(meter, async () => {
        const found = model.answer(name, type) ?? aroundZones(model.zones(), NAME_SERVER.address, name, type);
        if (found === undefined) return answered({});
        const { rcode, aa, answers, authority } = found;
        return answered({ rcode, authoritative: aa, answers, authorities: authority });
      });
    },
  };
  const services = { table, route53, sns: SNS, lambda: lambdaService(isDead, probes) };
  /** The world of one process of a controller: the shipped clients, but for their sockets. */
  const processOf = (config: Config): World => {
    const client = (service: Service, region = config.homeRegion) => ({
      ...{ region, credentials: KEYS, requestHandler: virtualWire(clock, meter, service) },
    });
    const bound = { clock };
    const pacer = newPacer(clock, config.shard?.of);
    const reader = new Route53Client({
      ...client(services.route53, 'us-east-1'),
      maxAttempts: LIMITS.list.attempts,
    });
    const writer = new Route53Client({ ...client(services.route53, 'us-east-1'), maxAttempts: 1 });
    const sns = new SNSClient(client(services.sns));
    const place = client(services.lambda);
    const heart = lambdaHeart(heartbeatFunction('bench', shardNumber(config)), deadManRegion(config), {
      ...bound,
      place,
    });
    return {
      ...{ config, zoneIds, clock, dns, memory: new Map(), nonce: randomUUID, pacerOf: () => pacer },
      probers: lambdaProbers('bench-prober', { ...bound, place, heart }),
      zones: route53Zones({ reader, writer }, { ...bound, beforeRead: () => pacer.spend(0) }),
      store: dynamodbStore(new DynamoDBClient(client(services.table)), 'bench-state', randomUUID, {
        ...bound,
        own: shardNumber(config),
      }),
      topic: snsTopic(sns, 'arn:aws:sns:eu-west-2:000000000000:bench-alerts', 'bench', bound),
      events: snsEvents(sns, 'arn:aws:sns:eu-west-2:000000000000:bench-events', bound),
      log: (line) => {
        // Counted as what CloudWatch is sent.
        lines.push(line);
        const known = meter.counts.get('CloudWatch Logs') ?? { calls: 0, sent: 0, received: 0 };
        const sent = known.sent + Buffer.byteLength(JSON.stringify(line)) + 1;
        meter.counts.set('CloudWatch Logs', { ...known, calls: known.calls + 1, sent });
      },
    };
  };
  return { processOf, table, probes, lines };
};

export type VirtualCloud = ReturnType<typeof virtualCloud>;
