import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import {
  DEPLOYMENT,
  type DeploymentState,
  parseDeployment,
} from '../../lambda/core/state/deployment-state.ts';
import { dynamodbStore } from '../../lambda/edge/dynamodb.ts';
import type { SwitchoverConfig } from '../../lib/config/index.ts';
import { type Cloud, startCloud } from '../../local/cloud.ts';
import { CONTROL_KEY } from '../../local/control.ts';
import type { Happening } from '../../local/events.ts';
import { askConsole } from '../../local/outside.ts';
import { synthesize } from '../../local/synthesize.ts';

const ZONE = 'perm.example.test';
/** A zone in another account, which is reached by the roles there. */
const AWAY = 'away.example.test';
const ACCOUNT = { roleArn: 'arn:aws:iam::111122223333:role/dns/switchover-perm', externalId: 'perm-1' };
const REGION = 'eu-west-2';
const [PRIMARY, STANDBY] = ['127.0.0.2', '127.0.0.3'];
const PACE = {
  ...{ ttlSeconds: 10, failuresToDown: 2, successesToUp: 2, downForSeconds: 1, confirmEverySeconds: 0.5 },
};

/** Sites that between them have every type of record and everything that a probe can need. */
const configFor = (port: number): SwitchoverConfig => {
  const at = (name: string, own: object = {}, zone = ZONE) => ({
    url: `http://${name}.${zone}:${port}/`,
    timeoutSeconds: 0.9,
    ...own,
  });
  const named = (server: string, address: string | undefined) => ({
    name: server,
    hostname: `${server}.example.test`,
    probeAddress: address,
  });
  const servers = [
    { name: 'primary', ipv4: [PRIMARY as string] },
    { name: 'standby', ipv4: [STANDBY as string] },
  ];
  return {
    deployment: 'perm',
    local: true,
    homeRegion: REGION,
    vantages: [REGION, 'eu-west-1', 'eu-central-1'],
    zones: [{ name: ZONE }, { name: AWAY, id: 'Z0PERMAWAY', account: ACCOUNT }],
    // The second is not there, so that people are mailed about it.
    alerts: [
      { emails: ['ops@example.test'] },
      { webhook: { url: { secret: '/perm/hook' }, key: { secret: '/perm/hook-key' } } },
      { slack: { url: { secret: '/perm/none' } } },
      { eventBridge: true },
    ],
    intervalSeconds: 1,
    defaults: PACE,
    sites: [
      { name: `plain.${ZONE}`, servers, probe: at('plain') },
      { name: `plain.${AWAY}`, servers, probe: at('plain', {}, AWAY) },
      {
        name: `secret.${ZONE}`,
        servers,
        probe: at('secret', { headers: { 'x-key': { secret: '/perm/key' } } }),
      },
      {
        name: `both.${ZONE}`,
        servers: [
          { name: 'primary', ipv4: [PRIMARY as string], ipv6: ['::1'], probeAddress: PRIMARY },
          { name: 'standby', ipv4: [STANDBY as string], ipv6: ['2001:db8::2'], probeAddress: STANDBY },
        ],
        probe: at('both'),
      },
      {
        name: `alias.${ZONE}`,
        servers: [named('primary', PRIMARY), named('standby', STANDBY)],
        probe: at('alias'),
      },
      {
        name: `moved.${ZONE}`,
        lever: 'readdress',
        readdress: { address: '127.0.0.10', allocationId: 'eipalloc-0123456789abcdef0' },
        servers: [PRIMARY, STANDBY].map((address, index) => ({
          name: index === 0 ? 'primary' : 'standby',
          probeAddress: address,
          holder: `i-0123456789abcdef${index}`,
        })),
        probe: at('moved'),
      },
    ],
  };
};

const listen = (address: string, port: number): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer((_, response) => response.end('ok'));
    server.on('error', reject);
    server.listen(port, address, () => resolve(server));
  });

/** A webhook that keeps what it is told. */
const listenForPosts = (posted: string[]): Promise<Server> =>
  new Promise((resolve, reject) => {
    const server = createServer(async (request, response) => {
      posted.push(await text(request));
      response.end();
    });
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => resolve(server));
  });

const until = async (what: string, holds: () => boolean | Promise<boolean>): Promise<void> => {
  for (let tries = 0; tries < 600; tries += 1) {
    if (await holds()) return;
    await sleep(100);
  }
  throw new Error(`Expected ${what} within a minute.`);
};

const fault = (cloud: Cloud, rule?: object): Promise<Response> =>
  fetch(`${cloud.aws}/_local/faults`, {
    headers: { authorization: CONTROL_KEY },
    ...(rule === undefined ? { method: 'DELETE' } : { method: 'POST', body: JSON.stringify(rule) }),
  });

/** Every order that a person can give, one after the other. */
const orders = async (cloud: Cloud): Promise<void> => {
  const ask = (event: object) => askConsole(cloud, REGION, { by: 'the report', reason: 'look', ...event });
  const words = { by: 'the report', reason: 'look' };
  for (const action of ['status', 'history', 'config', 'check', 'explain'])
    for (const which of ['console', 'status'] as const)
      await askConsole(cloud, REGION, action === 'explain' ? { action, all: true } : { action }, which);
  await ask({ action: 'hold', all: true, forSeconds: 3600, ...words });
  await ask({ action: 'release', all: true, ...words });
  await ask({ action: 'pin', all: true, server: 'standby', force: true, forSeconds: 3600, ...words });
  await ask({ action: 'release', all: true, ...words });
  // With the table away an order is told directly.
  for (const operation of ['PutItem', 'BatchGetItem'])
    await fault(cloud, { service: 'dynamodb', operation, fault: 'error', function: cloud.functions.console });
  await ask({ action: 'hold', site: `plain.${ZONE}`, forSeconds: 3600, ...words });
  await fault(cloud);
  await sleep(1000);
  await ask({ action: 'release', site: `plain.${ZONE}`, ...words });
};

/** Edits every record as somebody would in the AWS console, and has it put back. */
const edits = async (cloud: Cloud): Promise<void> => {
  const client = new Route53Client({ endpoint: cloud.aws, region: 'us-east-1', credentials: cloud.operator });
  const edited: [string, ResourceRecordSet['Type'], string][] = [
    ['plain', 'A', '192.0.2.1'],
    ['both', 'AAAA', '2001:db8::9'],
    ['alias', 'CNAME', 'elsewhere.example.test'],
  ];
  for (const [name, Type, Value] of edited) {
    const record = { Name: `${name}.${ZONE}`, Type, TTL: 10, ResourceRecords: [{ Value }] };
    await client.send(
      new ChangeResourceRecordSetsCommand({
        HostedZoneId: cloud.zones[ZONE],
        ChangeBatch: { Changes: [{ Action: 'UPSERT', ResourceRecordSet: record }] },
      }),
    );
    const order = {
      action: 'put-back',
      site: `${name}.${ZONE}`,
      force: true,
      by: 'the report',
      reason: 'look',
    };
    const answer = await askConsole(cloud, REGION, order);
    if (!answer.ok) throw new Error(`Expected ${name} to be put back, received: ${answer.message}`);
  }
  client.destroy();
};

/** Makes the daily check due, a day before its time, and answers what waits until the controller has made it. */
const dailyCheck = async (cloud: Cloud): Promise<() => Promise<void>> => {
  const client = new DynamoDBClient({ endpoint: cloud.aws, region: REGION, credentials: cloud.operator });
  const store = dynamodbStore(client, 'perm-state', randomUUID);
  const read = async (): Promise<DeploymentState & { version: number }> => {
    const { text, version } = (await store.load([DEPLOYMENT])).get(DEPLOYMENT) ?? { text: '', version: 0 };
    const state = parseDeployment(text);
    if (state === undefined) throw new Error(`Expected the controller to have stored ${DEPLOYMENT}.`);
    return { ...state, version };
  };
  let plantedMs = 0;
  await until('the daily check to be planned', async () => {
    const { version, ...state } = await read();
    if (state.checked === undefined) return false;
    plantedMs = Date.now();
    const due = { ...state, checked: { ...state.checked, atMs: plantedMs - 2 * 86_400_000 } };
    // The controller may have stored something in between; then it is tried again.
    return store.save(DEPLOYMENT, JSON.stringify(due), version).then(
      () => true,
      () => false,
    );
  });
  return async () => {
    await until('the daily check', async () => ((await read()).checked?.atMs ?? 0) >= plantedMs);
    client.destroy();
  };
};

/**
 * A small life of a deployment, from the synthesized stack to its end: records of every type are made, fail over, are held, pinned,
 * released, edited and put back, and the daily check is made. About half a minute. What permissions that takes is noted by the local cloud.
 */
export const exercise = async (): Promise<void> => {
  const stateDir = mkdtempSync(join(tmpdir(), 'switchover-permissions-'));
  const primary = await listen(PRIMARY as string, 0);
  const { port } = primary.address() as { port: number };
  const standby = await listen(STANDBY as string, port);
  const [configFile, assemblyDir] = [join(stateDir, 'config.json'), join(stateDir, 'assembly')];
  writeFileSync(configFile, JSON.stringify(configFor(port)));
  const posted: string[] = [];
  const hook = await listenForPosts(posted);
  const { port: hookPort } = hook.address() as { port: number };
  const parameters = {
    '/perm/key': 'known',
    '/perm/hook': `http://127.0.0.1:${hookPort}/`,
    '/perm/hook-key': `whsec_${Buffer.alloc(24).toString('base64')}`,
  };
  writeFileSync(join(stateDir, 'parameters.json'), JSON.stringify(parameters));
  await synthesize(assemblyDir, configFile);
  const seen: Happening[] = [];
  const switched = (reason: string) =>
    new Set(seen.flatMap((one) => (one.event === 'switch' && one.reason === reason ? [one.site] : []))).size;
  const cloud = await startCloud({
    ...{ assemblyDir, stateDir, dnsPort: 0, port: 0, tickSeconds: 20 },
    onEvent: (happening) => void seen.push(happening),
  });
  try {
    await until('the records of six sites', () => switched('created') === 6);
    primary.closeAllConnections();
    await new Promise((done) => primary.close(done));
    await until('six failovers', () => switched('failover') === 6);
    await until(
      'the name servers to have them',
      () => seen.filter((one) => one.event === 'published').length >= 4,
    );
    await until('a failover at the webhook', () =>
      posted.some((body) => body.includes('switchover.failover')),
    );
    await until('a mail about the other channel', () =>
      seen.some((one) => one.event === 'announcement' && one.kind === 'channel-failed'),
    );
    const checked = await dailyCheck(cloud);
    await orders(cloud);
    await edits(cloud);
    await checked();
  } finally {
    await cloud.close();
    for (const server of [standby, hook]) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(stateDir, { recursive: true, force: true });
  }
};
