import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { latencySource } from '../../../bin/latency.ts';
import { virtualSite } from '../../../fixtures/virtual/world.ts';
import { probeMetrics } from '../../../lambda/core/evidence/metrics.ts';
import { buildApp } from '../../../lib/app.ts';
import type { Bundles } from '../../../lib/bundle.ts';
import { checkConfig } from '../../../lib/config/check.ts';
import { CannotStart } from '../../../local/cannot-start.ts';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { DEMO_SITE, demoConfig } from '../../../local/demo-config.ts';
import { isOurs } from '../../../local/directory.ts';
import type { Happening } from '../../../local/events.ts';
import { askConsole, readMails, resolve } from '../../../local/outside.ts';
import { PERMISSIONS_FILE } from '../../../local/permissions.ts';

// The functions here are none of the product's: what they use, or are refused, says nothing of its permissions.
delete process.env[PERMISSIONS_FILE];

/** The real template around functions that do one thing each, so that what is tested is the local cloud. */
const require = createRequire(import.meta.url);
const sdk = (name: string): string => JSON.stringify(require.resolve(`@aws-sdk/client-${name}`));

/** As a controller prints what a vantage measured: one probe that took 12 ms. */
const MEASURED = `
const measured = ${JSON.stringify(
  probeMetrics(
    'demo',
    { ...virtualSite(DEMO_SITE), name: DEMO_SITE, metrics: true },
    {
      startMs: Date.now(),
      full: false,
      sightings: { 'eu-west-1': { primary: { outcome: 'passed', code: 'ok', detail: '', totalMs: 12 } } },
    },
  ),
)};`;
const CONTROLLER = `${MEASURED}
const { Route53Client, ChangeResourceRecordSetsCommand } = require(${sdk('route-53')});
const { SNSClient, PublishCommand } = require(${sdk('sns')});
const { LambdaClient, InvokeCommand } = require(${sdk('lambda')});
const zoneId = Object.values(JSON.parse(process.env.SWITCHOVER_ZONE_IDS))[0];
const say = (line) => process.stdout.write(JSON.stringify({ at: new Date().toISOString(), ...line }) + '\\n');
const record = (Name, Type, Value) => ({ Action: 'CREATE', ResourceRecordSet: { Name, Type, TTL: 10, ResourceRecords: [{ Value }] } });
exports.handler = async ({ scheduledTime }) => {
  say({ event: 'note', message: 'started at ' + scheduledTime });
  const Changes = [record('${DEMO_SITE}', 'A', '127.0.0.2')];
  const change = new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } });
  await new Route53Client({}).send(change).catch((error) => say({ event: 'error', code: error.name, message: error.message }));
  const prober = { FunctionName: 'demo-prober', Payload: '{}' };
  const answer = await new LambdaClient({ region: 'eu-west-1' }).send(new InvokeCommand(prober));
  say({ event: 'note', message: Buffer.from(answer.Payload).toString() });
  say({ event: 'round', vantages: ['eu-west-1'], sites: {}, healthy: ['${DEMO_SITE}'] });
  for (const one of measured) say({ event: 'probe', ...one });
  const text = (StringValue) => ({ DataType: 'String', StringValue });
  await new SNSClient({}).send(new PublishCommand({ TopicArn: process.env.SWITCHOVER_TOPIC_ARN, Subject: 'subject', Message: 'text',
    MessageAttributes: { kind: text('created'), site: text('${DEMO_SITE}') } }));
};`;
/** A prober may do nothing at AWS, so what it tries here must be refused. */
const PROBER = `
const { Route53Client, GetHostedZoneCommand } = require(${sdk('route-53')});
exports.handler = () => new Route53Client({}).send(new GetHostedZoneCommand({ Id: 'Z1' })).then(() => 'allowed', (error) => error.name);`;
const CONSOLE = `exports.handler = async ({ fail }) => { if (fail) throw new RangeError('asked to'); return { ok: true, message: 'hello' }; };`;

const START = fileURLToPath(new URL('../../../local/start.ts', import.meta.url));

let home: string;
let assemblyDir: string;
let stateDir: string;

before(() => {
  home = mkdtempSync(join(tmpdir(), 'cloud-'));
  assemblyDir = join(home, 'assembly');
  stateDir = join(home, 'state');
  mkdirSync(stateDir);
  const pace = {
    intervalSeconds: 2,
    ttlSeconds: 10,
    failuresToDown: 1,
    successesToUp: 1,
    downForSeconds: 0,
    confirmEverySeconds: 1,
  };
  const { config } = checkConfig(demoConfig(8080, pace));
  const bundle = (name: string, code: string): string => {
    const dir = join(home, name);
    mkdirSync(dir);
    writeFileSync(join(dir, 'index.cjs'), code);
    if (!['prober', 'dead-man'].includes(name))
      writeFileSync(join(dir, 'config.json'), JSON.stringify(config));
    return dir;
  };
  const bundles: Bundles = {
    controllers: [bundle('controller', CONTROLLER)],
    console: bundle('console', CONSOLE),
    status: bundle('status', CONSOLE),
    prober: bundle('prober', PROBER),
    deadMan: bundle('dead-man', PROBER),
    remove: () => {},
  };
  buildApp(config, { outdir: assemblyDir, bundle: () => bundles }).synth();
});
after(() => rmSync(home, { recursive: true }));

const boot = async (changes: { port?: number; dnsPort?: number } = {}) => {
  const happenings: Happening[] = [];
  const onEvent = (happening: Happening): void => void happenings.push(happening);
  const cloud = await startCloud({
    assemblyDir,
    stateDir,
    port: 0,
    dnsPort: 0,
    tickSeconds: 60,
    onEvent,
    ...changes,
  });
  const until = async (event: string): Promise<void> => {
    for (let turn = 0; turn < 1000 && !happenings.some((one) => one.event === event); turn += 1)
      await sleep(10);
    assert.ok(
      happenings.some((one) => one.event === event),
      `no ${event} in ${JSON.stringify(happenings)}`,
    );
  };
  return { cloud, happenings, until };
};

/** What of a directory, itself included, other users can read or list. */
const openToOthers = (dir: string): string[] => {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' });
  assert.ok(names.includes('running.json') && names.includes('authorization.txt'));
  return [dir, ...names.map((name) => join(dir, name))].filter((path) => (statSync(path).mode & 0o077) !== 0);
};

describe('a synthesized assembly, booted', { timeout: 60_000 }, () => {
  let cloud: Cloud;
  let happenings: Happening[];

  before(async () => {
    const booted = await boot();
    ({ cloud, happenings } = booted);
    await booted.until('announcement');
  });
  after(() => cloud.close());

  const notes = () => happenings.flatMap((one) => (one.event === 'output' ? [one.line] : []));

  test('its schedule starts the controller at once, with the time as AWS writes it', () => {
    assert.match(notes()[0] ?? '', /^started at \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  });

  test('its controller may write the records of its sites, and DNS answers with them', async () => {
    for (let turn = 0; turn < 500 && (await resolve(cloud.dns, DEMO_SITE)).length === 0; turn += 1)
      await sleep(10);
    assert.deepEqual(await resolve(cloud.dns, DEMO_SITE), ['127.0.0.2']);
  });

  test('its prober may do nothing at AWS', () => {
    assert.equal(notes()[1], '"AccessDenied"');
  });

  test('is ready once its sites are listed, and says where everything is', () => {
    const ready = happenings.find((one) => one.event === 'ready');
    assert.ok(ready);
    const { dns, aws, state, zones, functions, operator } = ready;
    assert.deepEqual(
      { dns, aws, state, zones },
      { dns: cloud.dns, aws: cloud.aws, state: stateDir, zones: cloud.zones },
    );
    assert.deepEqual(Object.keys(zones), ['dyn.example.test']);
    assert.deepEqual(functions, {
      controller: 'demo-controller',
      console: 'demo-console',
      status: 'demo-status',
      probers: { 'eu-west-2': 'demo-prober', 'eu-west-1': 'demo-prober', 'eu-central-1': 'demo-prober' },
    });
    assert.ok(operator.accessKeyId && operator.secretAccessKey);
  });

  test('its topic sends mails, which are kept, and tells of each message once', () => {
    const announcements = happenings.filter((one) => one.event === 'announcement');
    assert.equal(announcements.length, 1);
    const { at, ...said } = announcements[0]!;
    assert.deepEqual(said, {
      event: 'announcement',
      kind: 'created',
      site: DEMO_SITE,
      subject: 'subject',
      text: 'text',
    });
    assert.match(at, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(
      readMails(stateDir).map(({ to, subject }) => [to, subject]),
      [['ops@example.test', 'subject']],
    );
  });

  test('its CloudWatch keeps what a function measured, for the page', async () => {
    const aws = { region: 'eu-west-2', endpoint: cloud.aws, credentials: cloud.operator };
    const ask = async () => ({ ok: true, message: '', config: cloud.config });
    const status = { name: '', region: 'eu-west-2', local: stateDir, aws, ask, widget: async () => '' };
    const window = { fromMs: Date.now() - 600_000, toMs: Date.now() + 1, periodMs: 10_000 };
    const latency = await latencySource(status)(DEMO_SITE, window);
    assert.ok(latency !== undefined && 'series' in latency, JSON.stringify(latency));
    const known = latency.series.flatMap(({ server, vantage, part, points }) =>
      points.map(([, value]) => [server, vantage, part, value]),
    );
    assert.deepEqual(known, [
      ['primary', 'eu-west-1', 'totalMs', 12],
      ['primary', 'eu-west-1', 'passed', 1],
    ]);
  });

  test('its operator may invoke, and a function that fails is an error that names it', async () => {
    assert.deepEqual(await askConsole(cloud, 'eu-west-2', {}), { ok: true, message: 'hello' });
    await askConsole(cloud, 'eu-west-2', { fail: true });
    const { at, ...error } = happenings.find((one) => one.event === 'error')!;
    assert.deepEqual(error, {
      event: 'error',
      code: 'RangeError',
      message: 'demo-console in eu-west-2: asked to',
    });
  });

  test('a port in use is refused in one sentence, and nothing is left running', async () => {
    const port = Number(new URL(cloud.aws).port);
    const dnsPort = Number(cloud.dns.split(':')[1]);
    const other = {
      assemblyDir,
      stateDir: mkdtempSync(join(home, 'other-')),
      tickSeconds: 60,
      onEvent: () => {},
    };
    const refused = (text: string) => (error: unknown) =>
      error instanceof CannotStart && error.message.includes(text);
    await assert.rejects(startCloud({ ...other, port, dnsPort: 0 }), refused(`127.0.0.1:${port}`));
    await assert.rejects(startCloud({ ...other, port: 0, dnsPort }), refused(`127.0.0.1:${dnsPort}`));
  });

  test('through the door, what it wrote is there after a restart, only JSON is written, and it ends in good order', async () => {
    await cloud.close();
    const saved = readFileSync(join(stateDir, 'zones.json'), 'utf8');
    const ports = ['--dns-port', '0', '--port', '0'];
    const args = ['--assembly', assemblyDir, '--state', stateDir, ...ports, '--json'];
    const door = spawn(process.execPath, [START, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(door, 'exit');
    const events: { event: string; state?: string; code?: string; message?: string }[] = [];
    const open: string[] = [];
    const unknown: string[] = [];
    const seen = (event: string) => events.find((one) => one.event === event);
    for await (const line of createInterface({ input: door.stdout })) {
      events.push(JSON.parse(line));
      // Once: what comes after it was asked to end comes while its files go.
      if (!door.killed && seen('ready') && seen('error')) {
        open.push(...openToOthers(stateDir));
        unknown.push(...readdirSync(stateDir).filter((name) => !isOurs(name)));
        door.kill('SIGTERM');
      }
    }
    assert.deepEqual(open, []);
    assert.deepEqual(unknown, [], 'each start closes, and looks after, what directory.ts names');
    assert.deepEqual(await ended, [0, null]);
    assert.equal(seen('ready')?.state, stateDir);
    assert.equal(seen('error')?.code, 'InvalidChangeBatch');
    assert.match(seen('error')?.message ?? '', /already exists/);
    assert.equal(readFileSync(join(stateDir, 'zones.json'), 'utf8'), saved);
    assert.ok(!existsSync(join(stateDir, 'lock')));
  });
});
