import type { Announcement } from '../../../../lambda/core/messages/announcement.ts';
import type { Entry } from '../../../../lambda/core/state/history.ts';
import { accountReader, zonesNamed } from '../../../../lambda/edge/account.ts';
import type { Bound, Place } from '../../../../lambda/edge/aws.ts';
import { dynamodbClient, dynamodbStore } from '../../../../lambda/edge/dynamodb.ts';
import { ec2Addresses } from '../../../../lambda/edge/ec2.ts';
import { lambdaHeart, lambdaProbers } from '../../../../lambda/edge/lambda.ts';
import { route53Client, route53Zones } from '../../../../lambda/edge/route53.ts';
import { snsClient, snsEvents, snsTopic } from '../../../../lambda/edge/sns.ts';
import { ssmClient, ssmParameters } from '../../../../lambda/edge/ssm.ts';
import { OPERATOR } from '../../../../local/credentials.ts';
import { INVOKE_PATIENCE_MS, PATIENCE_MS } from '../../../simulation/world/patience.ts';
import { ANY_EVENT as EVENT } from '../../../support/any-event.ts';
import { CREATE } from './route53-fixture.ts';

const DEADLINE_MS = 7000;
const REGION = 'eu-west-2';
const TOPIC = `arn:aws:sns:${REGION}:000000000000:main-alerts`;
const MAIL: Announcement = {
  id: 'a',
  kind: 'moved',
  severity: 'info',
  site: 'www',
  incident: 'i',
  subject: 'subject',
  text: 'text',
  atMs: 0,
};
const ENTRY: Entry = { id: 'a', atMs: 0, what: 'seen', text: 'text' };

/** A call to AWS, and what it may take in all, milliseconds. */
export type Call = [name: string, patienceMs: number, ask: () => Promise<unknown>];

/**
 * Every call of `lambda/edge` to AWS at `endpoint`, through the product's own clients. What each may take is what the simulated cloud
 * takes, where it simulates the call.
 */
export const everyCall = (endpoint: string, bound: Bound = {}): Call[] => {
  const place: Required<Place> = { endpoint, region: REGION, credentials: OPERATOR };
  const store = dynamodbStore(dynamodbClient(place), 'table', () => 'nonce', bound);
  const addresses = ec2Addresses(place, bound);
  const route53 = route53Client(place);
  const zones = route53Zones(route53, bound);
  const account = accountReader(async () => route53.reader, { place, ...bound });
  const prober = lambdaProbers('main-prober', { place, ...bound });
  const heart = lambdaHeart('main-heartbeat', REGION, { place, ...bound });
  const topic = snsTopic(snsClient(place), TOPIC, 'main', bound);
  const events = snsEvents(snsClient(place), TOPIC, bound);
  return [
    ['load', PATIENCE_MS.store, () => store.load(['www'])],
    ['save', PATIENCE_MS.store, () => store.save('www', '{}', 0)],
    ['takeBaton', PATIENCE_MS.store, () => store.takeBaton(1)],
    ['keepBaton', PATIENCE_MS.store, () => store.keepBaton(1, { lastRoundMs: 1 })],
    ['readBaton', PATIENCE_MS.store, () => store.readBaton()],
    ['record', PATIENCE_MS.store, () => store.record('www', [ENTRY, ENTRY])],
    ['history', PATIENCE_MS.store, () => store.history('www', 1)],
    ['wake', PATIENCE_MS.store, () => store.wake()],
    ['publish', PATIENCE_MS.topic, () => topic.publish(MAIL)],
    ['publish an event', PATIENCE_MS.topic, () => events.publish(EVENT)],
    ['list', PATIENCE_MS.list, () => zones.list('Z1')],
    ['change', PATIENCE_MS.change, () => zones.change('Z1', CREATE, '')],
    ['changeStatus', PATIENCE_MS.changeStatus, () => zones.changeStatus('C1', 'Z1')],
    [
      'probe',
      DEADLINE_MS + INVOKE_PATIENCE_MS,
      () => prober.probe(REGION, { probes: [], deadlineMs: DEADLINE_MS }),
    ],
    ['beat', 1000 + INVOKE_PATIENCE_MS, () => heart.beat({ deployment: 'main', roundsDecided: 1 })],
    ['find', PATIENCE_MS.find, () => addresses.find(REGION, ['eipalloc-1'])],
    ['disassociate', PATIENCE_MS.move, () => addresses.disassociate(REGION, 'eipassoc-1')],
    ['associate', PATIENCE_MS.move, () => addresses.associate(REGION, 'eipalloc-1', 'i-1')],
    ['parameters', 5000, () => ssmParameters(ssmClient(place), bound)(['/shop/key'])],
    ['zone', 8000, () => account.zone('Z1')],
    ['subscriptions', 8000, () => account.subscriptions(TOPIC)],
    ['zonesNamed', 12_000, () => zonesNamed(place, 'example.com', bound)],
  ];
};
