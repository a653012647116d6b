import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ChangeResourceRecordSetsCommand,
  ListHostedZonesByNameCommand,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { findConsole } from '../../../bin/console.ts';
import { main } from '../../../bin/main.ts';
import type { Answer } from '../../../lambda/console/command.ts';
import { buildApp } from '../../../lib/app.ts';
import { checkConfig } from '../../../lib/config/index.ts';
import { type Cloud, startCloud } from '../../../local/cloud.ts';
import { DEMO_SITE, demoConfig } from '../../../local/demo-config.ts';
import { restart, startDemoServers } from '../../../local/demo-servers.ts';
import { readMails } from '../../../local/outside.ts';
import { temporaryDirectory } from '../lib/fixture.ts';

const DOOR = fileURLToPath(new URL('../../../bin/switchover.ts', import.meta.url));
/** As fast as the rules allow. */
const PACE = {
  intervalSeconds: 1,
  ttlSeconds: 10,
  failuresToDown: 1,
  successesToUp: 1,
  downForSeconds: 0,
  confirmEverySeconds: 1,
};

const home = temporaryDirectory();
const stateDir = join(home, 'state');
const configFile = join(home, 'config.json');
let cloud: Cloud;
let servers: Awaited<ReturnType<typeof startDemoServers>>;

const SIGNING_KEY = Buffer.alloc(24, 5);
/** A webhook of the operator's, which knows its key and keeps what it is told. */
const told: { state: string; kind: string; dedupKey: string; ends: string[] }[] = [];
const hook = createServer(async (request, response) => {
  const body = await text(request);
  const [id, at] = [request.headers['webhook-id'], request.headers['webhook-timestamp']];
  const signature = createHmac('sha256', SIGNING_KEY).update(`${id}.${at}.${body}`).digest('base64');
  const isOurs = request.headers['webhook-signature'] === `v1,${signature}`;
  if (isOurs) told.push(JSON.parse(body).data);
  response.writeHead(isOurs ? 204 : 401).end();
});

before(async () => {
  servers = await startDemoServers();
  hook.listen(0, '127.0.0.1');
  await once(hook, 'listening');
  const { port } = hook.address() as { port: number };
  const secrets = { url: { secret: '/demo/hook' }, key: { secret: '/demo/hook-key' } };
  const alerts = [
    { emails: ['ops@example.test'] },
    { webhook: secrets, slack: { url: { secret: '/demo/none' } }, eventBridge: true },
  ];
  const written = { ...demoConfig(servers.primary.port, PACE), alerts };
  writeFileSync(configFile, JSON.stringify(written));
  mkdirSync(stateDir);
  const parameters = {
    '/demo/hook': `http://127.0.0.1:${port}/hook`,
    '/demo/hook-key': `whsec_${SIGNING_KEY.toString('base64')}`,
  };
  writeFileSync(join(stateDir, 'parameters.json'), JSON.stringify(parameters));
  const assemblyDir = join(home, 'assembly');
  buildApp(checkConfig(written).config, { outdir: assemblyDir }).synth();
  const { promise: ready, resolve } = Promise.withResolvers<void>();
  const onEvent = ({ event }: { event: string }): void => {
    if (event === 'ready') resolve();
  };
  cloud = await startCloud({ assemblyDir, stateDir, dnsPort: 0, port: 0, tickSeconds: 60, onEvent });
  await ready;
});
after(async () => {
  await cloud?.close();
  await Promise.all([servers?.primary.kill(), servers?.standby.kill()]);
  hook.close();
  hook.closeAllConnections();
});

/** Types a command line, and answers the exit code and what was written. */
const type = async (...args: string[]) => {
  let [out, err] = ['', ''];
  const code = await main(args, {
    screen: { colour: false, width: Number.POSITIVE_INFINITY },
    progress: (_what, work) => work,
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { code, out, err };
};
const typeLocally = (...args: string[]) => type(...args, '--local', stateDir);
const statusNow = async () => {
  const { code, out } = await typeLocally('status', '--json');
  const [site] = (JSON.parse(out) as Answer).sites ?? [];
  return { code, ...site };
};

describe('the command line, on a running local cloud', { timeout: 90_000 }, () => {
  test('status shows the site as it is served', async () => {
    let { code, out, err } = await typeLocally('status');
    // The controller writes down for others that it is deciding some seconds after its first round.
    for (let tries = 0; tries < 80 && code !== 0; tries += 1) {
      await sleep(250);
      ({ code, out, err } = await typeLocally('status'));
    }
    assert.deepEqual([code, err], [0, ''], out);
    assert.match(
      out,
      /^www\.dyn\.example\.test {2}FINE {2}primary serves since \d\d:\d\d:\d\d UTC \(\d+ (?:s|min)\) · epoch 1 · auto$/m,
    );
    assert.match(out, /^ {2}standby {2}UP since .* · ARMED · 127\.0\.0\.\d+$/m);
    assert.match(out, /^ {6}\S+(, \S+)*: ok: .*, since \S+ UTC/m);
    assert.match(out, /^The site is served, by a server that is up\.$/m);
  });

  test('hold --all holds, and whoever asks to move is told so', async () => {
    const held = await typeLocally(
      'hold',
      '--all',
      '--for',
      '2h',
      '--reason',
      'network works',
      '--by',
      'alice',
    );
    assert.deepEqual([held.code, held.err], [0, '']);
    assert.match(held.out, /^done {2}www\.dyn\.example\.test: held until \d{4}-/);
    const refused = await typeLocally('failback', DEMO_SITE, '--reason', 'too early');
    assert.equal(refused.code, 1);
    assert.match(refused.out, /^not done {2}www.*is held, and failback needs the mode auto/);
    const { code, mode, serving } = await statusNow();
    assert.deepEqual([code, mode, serving], [0, 'held', 'primary']);
  });

  test('the function that only looks takes no order', async () => {
    const { ask } = await findConsole({ local: stateDir }, 'status');
    const words = { by: 'alice', reason: 'only looking' };
    for (const action of ['release', 'pin', 'failback', 'put-back', 'check', 'nonsense']) {
      const answer = await ask({ action, all: true, server: 'standby', ...words } as { action: string });
      assert.equal(answer.ok, false, action);
      assert.match(
        answer.message,
        /^Refused: demo-status only answers config, status, history, explain\..*demo-console/,
      );
    }
    assert.equal((await statusNow()).mode, 'held');
  });

  test('explain names the row, its numbers and its line of the table', async () => {
    let out = '';
    for (let tries = 0; tries < 40 && !/: row 7, held/.test(out); tries += 1) {
      if (tries > 0) await sleep(250);
      ({ out } = await typeLocally('explain', DEMO_SITE));
    }
    assert.match(out, /^www\.dyn\.example\.test: row 7, held \(at /);
    assert.match(out, /^ {2}x 1-5 +the records are as Switchover left them$/m);
    assert.match(
      out,
      /^ {2}> 7 +ours \| held, or pinned to nobody we know \| serving any \| others any -> leave$/m,
    );
    assert.match(out, /^ {2}held by alice until .*: "network works"$/m);
    assert.match(out, /^ {2}end it: npm run switchover -- release www\.dyn\.example\.test --reason "why"$/m);
    assert.match(out, /^ {2}primary {2}UP since \S+ UTC \(.*\) · serves · /m);
    assert.match(out, /^ {2}down after {11}1 failed verdicts in a row over at least 0 s$/m);
    const before = await typeLocally('explain', DEMO_SITE, '--at', '300d');
    assert.match(before.out, /no decision of that time or before it is on record/);
  });

  test('check says of a held site what its servers can do and what comes of it, in one voice', async () => {
    const { out } = await typeLocally('check');
    assert.match(
      out,
      /^ {2}standby is well, and www\.dyn\.example\.test would not fail over all the same: see held\.$/m,
    );
    assert.match(
      out,
      /^Every server passed that could be asked from this machine, and 1 site would not fail over all\s+the same: www/m,
    );
    assert.match(out, /WOULD NOT FAIL OVER, because a person holds it \(held\)\.$/m);
    assert.doesNotMatch(out, /would find/);
  });

  test('release ends it, and a second one is refused', async () => {
    assert.equal((await typeLocally('release', '--all', '--reason', 'network is back')).code, 0);
    const again = await typeLocally('release', DEMO_SITE, '--reason', 'again', '--json');
    assert.equal(again.code, 1);
    const answer = JSON.parse(again.out) as Answer;
    assert.equal(answer.ok, false);
    assert.match(answer.outcomes?.[0]?.message ?? '', /neither held nor pinned/);
  });

  test('failback is refused where nothing is preferred', async () => {
    const { code, out } = await typeLocally('failback', DEMO_SITE, '--reason', 'for nothing');
    assert.equal(code, 1);
    assert.match(out, /no server is preferred to it/);
  });

  test('an HTTPS record with an address hint, as anybody may add it, is warned of by check and status', async () => {
    const { aws } = await findConsole({ local: stateDir });
    const route53 = new Route53Client({ ...aws, region: 'us-east-1' });
    const { HostedZones: [zone] = [] } = await route53.send(new ListHostedZonesByNameCommand({}));
    const ResourceRecords = [{ Value: '1 . alpn="h2" ipv4hint="127.0.0.2"' }];
    const ResourceRecordSet = { Name: DEMO_SITE, Type: 'HTTPS' as const, TTL: 60, ResourceRecords };
    const send = (Action: 'CREATE' | 'DELETE') =>
      route53.send(
        new ChangeResourceRecordSetsCommand({
          HostedZoneId: zone?.Id,
          ChangeBatch: { Changes: [{ Action, ResourceRecordSet }] },
        }),
      );
    await send('CREATE');
    const words = `the HTTPS record of ${DEMO_SITE} names 127.0.0.2 (primary), and stays as it is when the site moves`;
    const { code, out } = await typeLocally('check');
    assert.equal(code, 3, out);
    assert.ok(out.includes(`warning address-hints\n  ${DEMO_SITE}: ${words}.`), out);
    assert.match(out, /WOULD FAIL OVER\.$/m);
    const status = await statusNow();
    assert.deepEqual(
      status.notes?.flatMap((note) => (note.code === 'address-hints' ? [note.text] : [])),
      [words],
    );
    await send('DELETE');
    assert.doesNotMatch((await typeLocally('check')).out, /address-hints/);
    route53.destroy();
  });

  test('pin --force moves the site', async () => {
    const pinned = await typeLocally('pin', DEMO_SITE, '--server', 'standby', '--force', '--reason', 'drill');
    assert.equal(pinned.code, 0, pinned.out + pinned.err);
    let now = await statusNow();
    for (let tries = 0; tries < 40 && now.serving !== 'standby'; tries += 1) {
      await sleep(250);
      now = await statusNow();
    }
    assert.deepEqual([now.serving, now.mode, now.zone], ['standby', 'pinned', 'ours']);
  });

  test('history tells who did what, newest last', async () => {
    const { code, out } = await typeLocally('history', DEMO_SITE, '--limit', '200');
    assert.equal(code, 0);
    const hands = out.split('\n').filter((line) => / hand {6}/.test(line));
    assert.deepEqual(
      hands.map((line) => /(held|released|pinned)/.exec(line)?.[1]),
      ['held', 'released', 'pinned'],
    );
    assert.match(hands[0] ?? '', /alice: held until .* \(network works\)$/);
  });

  // The deployed code has one setting for where name servers are (SWITCHOVER_DNS); without it the zone's own would be asked in vain.
  test('history tells that every name server answers with the move, asked at the local DNS port', async () => {
    const seen = async () => {
      const { out } = await typeLocally('history', DEMO_SITE, '--limit', '200', '--json');
      return (JSON.parse(out) as Answer).history?.find(
        ({ what, text }) => what === 'visible' && /standby/.test(text),
      );
    };
    let visible = await seen();
    for (let tries = 0; tries < 80 && visible === undefined; tries += 1) {
      await sleep(250);
      visible = await seen();
    }
    assert.match(visible?.text ?? '', /all 4 name servers answer with it .*; fetched from /);
  });

  test('diff finds nothing, and then what was changed', async () => {
    const same = await typeLocally('diff', '--config', configFile);
    assert.deepEqual([same.code, same.err], [0, '']);
    const changed = join(home, 'changed.json');
    const { sites, ...rest } = demoConfig(servers.primary.port, PACE);
    writeFileSync(
      changed,
      JSON.stringify({ ...rest, sites: sites?.map((site) => ({ ...site, ttlSeconds: 20 })) }),
    );
    const { code, out } = await typeLocally('diff', '--config', changed);
    assert.equal(code, 1);
    assert.match(
      out,
      /^www\.dyn\.example\.test \(standby serves\)\n {2}ttlSeconds: 10 becomes 20\n.*Not while the site is pinned\./m,
    );
  });

  test('silence --all mutes the alarms of the deployment, and unsilence --all ends that', async () => {
    const why = ['--reason', 'load test', '--by', 'alice'];
    const silenced = await typeLocally('silence', '--all', '--for', '2h', ...why);
    assert.deepEqual([silenced.code, silenced.err], [0, ''], silenced.out);
    assert.match(silenced.out, /^done {2}www.*silenced until/);
    const regions = [...silenced.out.matchAll(/^Muted until .* UTC: (\S+) in (\S+?)\. /gm)];
    assert.deepEqual(
      regions.map(([, name]) => name),
      ['demo-silence', 'demo-undelivered'],
    );
    const alone = await typeLocally('silence', DEMO_SITE, '--for', '1h', ...why);
    assert.doesNotMatch(alone.out, /muted/i);
    const { out, code } = await typeLocally('unsilence', '--all', ...why, '--json');
    const answer = JSON.parse(out) as { alarms: { ok: boolean; message: string; rule: string }[] };
    assert.deepEqual(
      [code, ...answer.alarms.map(({ ok, rule }) => [ok, rule])],
      [0, [true, 'demo-silence-all'], [true, 'demo-silence-all']],
    );
    assert.match(answer.alarms[0]?.message ?? '', /^No longer muted: demo-silence in /);
  });

  test('check --notify posts a test to each channel, and says what each answered', async () => {
    const { code, out } = await typeLocally('check', '--notify');
    assert.equal(code, 1, out);
    assert.match(out, /^A test was not taken by alerts\[1\]\.slack\.$/m);
    assert.match(
      out,
      /^ {2}alerts\[1\]\.slack +slack +not taken +.*\/demo\/none: there is no such parameter$/m,
    );
    assert.match(out, /^ {2}alerts\[1\]\.webhook +webhook +taken +answered 204$/m);
    assert.match(out, /^ {2}alerts\[1\]\.eventBridge +eventBridge +taken +answered 200$/m);
    assert.equal(told.filter(({ kind }) => kind === 'test').length, 1);
  });

  test('a failover and its end are posted to the webhook, signed', async () => {
    await typeLocally('release', DEMO_SITE, '--reason', 'drill is over');
    const goHome = async (): Promise<void> => {
      for (let tries = 0; tries < 60 && (await statusNow()).serving !== 'primary'; tries += 1) {
        await typeLocally('failback', DEMO_SITE, '--reason', 'back home');
        await sleep(250);
      }
    };
    const posted = async (state: string, isMeant: (one: (typeof told)[number]) => boolean) => {
      const found = () => told.find((one) => one.state === state && isMeant(one));
      for (let tries = 0; tries < 80 && found() === undefined; tries += 1) await sleep(250);
      return found() ?? assert.fail(`no ${state} in ${JSON.stringify(told)}`);
    };
    await goHome();
    await servers.primary.kill();
    const { dedupKey } = await posted('trigger', ({ kind }) => kind === 'failover');
    servers.primary = await restart(servers.primary);
    await goHome();
    const { ends } = await posted('resolve', (one) => one.ends.includes(dedupKey));
    assert.ok(ends.includes(dedupKey));
  });

  test('a channel that is not told is mailed about, and never posted about', async () => {
    const isAbout = ({ subject }: { subject: string }) => /^NOT POSTED to alerts\[1\]\.slack: /.test(subject);
    for (let tries = 0; tries < 40 && !readMails(stateDir).some(isAbout); tries += 1) await sleep(250);
    const mail = readMails(stateDir).find(isAbout);
    assert.match(mail?.text ?? '', /alerts\[1\]\.slack \(slack\)/);
    assert.equal(told.filter(({ kind }) => kind === 'channel-failed').length, 0);
  });

  test('what the console refuses whole is told once, on standard error, and as JSON where asked', async () => {
    const { code, out, err } = await typeLocally('hold', 'www.elsewhere.test', '--reason', 'x', '--json');
    assert.equal(code, 1);
    assert.match(
      err,
      /^Expected site to be one of www\.dyn\.example\.test, received "www\.elsewhere\.test"\.\n$/,
    );
    assert.deepEqual(JSON.parse(out), { v: 1, ok: false, message: err.trimEnd() });
  });

  test('the door: one line of JSON and nothing else, and the exit code', async () => {
    const run = async (...args: string[]) => {
      const door = spawn(process.execPath, [DOOR, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
      const [out, err, [status]] = await Promise.all([
        text(door.stdout),
        text(door.stderr),
        once(door, 'close'),
      ]);
      return { status, out, err };
    };
    const { status, out, err } = await run('status', '--local', stateDir, '--json');
    assert.deepEqual([status, err], [0, '']);
    assert.match(out, /^\{.*\}\n$/);
    const usage = await run('hold', '--al', '--reason', 'x');
    assert.deepEqual([usage.status, usage.out], [2, '']);
    assert.match(
      usage.err,
      /^hold does not know --al\. Did you mean --all\?.*\nUsage: npm run switchover -- hold /,
    );
  });

  test('status --watch draws it again and again, with --json a document a line', async () => {
    const args = [DOOR, 'status', '--watch', '--json', '--local', stateDir];
    const door = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const moments: string[] = [];
    for await (const line of createInterface({ input: door.stdout })) {
      moments.push((JSON.parse(line) as Answer).at ?? '');
      if (moments.length === 2) door.kill('SIGINT');
    }
    assert.ok((moments[0] ?? '') < (moments[1] ?? ''), moments.join());
  });

  test('page serves what runs here until it is interrupted, to whoever has its address', async () => {
    const args = [DOOR, 'page', '--local', stateDir, '--json'];
    const door = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    const ended = once(door, 'close');
    const [line] = await once(createInterface({ input: door.stdout }), 'line');
    const { url } = JSON.parse(String(line)) as { url: string };
    const entered = await fetch(url, { redirect: 'manual' });
    const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
    const shown = await fetch(`${new URL(url).origin}/site/${DEMO_SITE}`, { headers: { cookie } });
    assert.equal(shown.status, 200);
    const markup = await shown.text();
    assert.match(markup, /<h1>www\.dyn\.example\.test<\/h1>/);
    // The demo servers of this test are not under the local cloud's control.
    assert.doesNotMatch(markup, /Play an outage/);
    door.kill('SIGINT');
    assert.deepEqual(await ended, [0, null]);
  });

  test('a page on a port that is taken is refused in a sentence', async () => {
    const port = new URL(cloud.aws).port;
    const { code, err } = await typeLocally('page', '--port', port);
    assert.equal(code, 1);
    assert.match(err, new RegExp(`^Port ${port} of 127\\.0\\.0\\.1 is taken\\. Choose another one`));
  });

  test('a cloud that has ended is told as such', async () => {
    await cloud.close();
    const { code, err } = await typeLocally('status');
    assert.equal(code, 1);
    assert.match(err, /^No local cloud is running on .*state\. Start one with "npm start -- --state /);
  });
});
