/**
 * What a controller that is measured calls, but for its probers, in a process of its own: Route 53 with the account's
 * limits, the table, the topic, parameters, EC2 and a name server of the local cloud, behind TLS as on AWS.
 */
import { readFileSync } from 'node:fs';
import net from 'node:net';
import tls from 'node:tls';
import { fileURLToPath } from 'node:url';
import { ENV, eventsTopicName, TABLE, tableName, topicName } from '../lambda/contract.ts';
import type { Config } from '../lambda/core/site/site.ts';
import { DEPLOYMENT, emptyDeployment } from '../lambda/core/state/deployment-state.ts';
import { dynamodbClient, dynamodbStore } from '../lambda/edge/dynamodb.ts';
import { OPERATOR } from '../local/credentials.ts';
import { dynamodbService } from '../local/dynamodb.ts';
import { ec2Service } from '../local/ec2.ts';
import { startGateway } from '../local/gateway.ts';
import { aroundZones } from '../local/parent.ts';
import { HOST, listenForDns } from '../local/ports.ts';
import { route53Service } from '../local/route53.ts';
import { snsService } from '../local/sns.ts';
import { ssmService } from '../local/ssm.ts';

/** The environment in which a controller's bundle finds all this. */
export type Told = { environment: Record<string, string> };

const ACCOUNT_ID = '000000000000';

const certificate = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/certificates/${name}`, import.meta.url));

const config = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Config;
const { deployment, homeRegion: region } = config;

const moving = config.sites.flatMap(({ readdress }) =>
  readdress?.allocationId === undefined
    ? []
    : [{ allocationId: readdress.allocationId, publicIp: readdress.address, region }],
);
const secrets = config.sites.flatMap(({ probe }) => Object.values(probe.secretHeaders ?? {}));

const start = async () => {
  const route53 = route53Service({ throttled: true });
  const zoneIds = Object.fromEntries(config.zones.map(({ name }) => [name, route53.createZone(name).id]));
  const key = (name: string) => ({ name, type: 'S' as const });
  const table = { partitionKey: key(TABLE.partitionKey), sortKey: key(TABLE.sortKey), ttl: TABLE.ttl };
  const topicOf = (name: string) => ({ name, arn: `arn:aws:sns:${region}:${ACCOUNT_ID}:${name}` });
  const [topic, events] = [topicOf(topicName(deployment)), topicOf(eventsTopicName(deployment))];
  const services = [
    route53,
    await dynamodbService({
      accountId: ACCOUNT_ID,
      tables: [{ ...table, name: tableName(deployment), region }],
    }),
    snsService({
      topics: [topic, events].map((one) => ({ ...one, region, subscriptions: [] })),
      onMail: () => {},
    }),
    ssmService({
      accountId: ACCOUNT_ID,
      parameters: () => Object.fromEntries(secrets.map((name) => [name, 'secret'])),
    }),
    ec2Service({
      accountId: ACCOUNT_ID,
      addresses: moving,
      holders: config.sites.flatMap(({ servers }) => servers.flatMap(({ holder }) => holder ?? [])),
      onAssociation: () => {},
    }),
  ];
  const gateway = await startGateway({
    ...{ port: 0, accountId: ACCOUNT_ID, functions: [], policies: {}, resourcePolicies: {}, services },
  });
  const dns = await listenForDns(
    0,
    (name, type) => route53.answer(name, type) ?? aroundZones(route53.zones(), HOST, name, type),
  );
  return { gateway, dns, zoneIds, topicArn: topic.arn, eventsArn: events.arn };
};

/** The daily check is due at once, so that what is measured has made one. */
const makeCheckDue = async (endpoint: string): Promise<void> => {
  const client = dynamodbClient({ endpoint, region, credentials: OPERATOR });
  const state = { ...emptyDeployment(), checked: { atMs: 0, told: {}, kept: [] } };
  await dynamodbStore(client, tableName(deployment), () => 'bench').save(
    DEPLOYMENT,
    JSON.stringify(state),
    0,
  );
  client.destroy();
};

/** AWS is asked over TLS, which takes memory of its own. */
const behindTls = async (port: number): Promise<string> => {
  const cert = readFileSync(certificate('site.pem'));
  const front = tls.createServer({ cert, key: readFileSync(certificate('test-only.key')) }, (socket) => {
    const behind = net.connect(port, HOST);
    for (const each of [socket, behind]) each.on('error', () => socket.destroy() && behind.destroy());
    socket.pipe(behind).pipe(socket);
  });
  await new Promise<void>((listening) => front.listen(0, HOST, listening));
  return `https://${HOST}:${(front.address() as net.AddressInfo).port}`;
};

/**
 * What the SDK calls the services in the names of its variables. Each is another host, as on AWS: none shares the
 * connections of another.
 */
const SERVICES = ['ROUTE_53', 'DYNAMODB', 'SNS', 'SSM', 'EC2'];

const { gateway, dns, zoneIds, topicArn, eventsArn } = await start();
await makeCheckDue(gateway.url);
const endpoints: Record<string, string> = {};
for (const service of SERVICES)
  endpoints[`AWS_ENDPOINT_URL_${service}`] = await behindTls(Number(new URL(gateway.url).port));
const told: Told = {
  environment: {
    ...endpoints,
    NODE_EXTRA_CA_CERTS: certificate('authority.pem'),
    AWS_REGION: region,
    AWS_ACCESS_KEY_ID: OPERATOR.accessKeyId,
    AWS_SECRET_ACCESS_KEY: OPERATOR.secretAccessKey,
    [ENV.zoneIds]: JSON.stringify(zoneIds),
    [ENV.tableName]: tableName(deployment),
    [ENV.topicArn]: topicArn,
    [ENV.eventsArn]: eventsArn,
    [ENV.dns]: `${HOST}:${dns.port}`,
  },
};
process.on('disconnect', () => process.exit());
process.send?.(told);
