import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { findConsole } from '../../../bin/console.ts';
import { Trouble } from '../../../bin/trouble.ts';
import { ConfigError } from '../../../lib/config/index.ts';
import { temporaryDirectory } from '../lib/fixture.ts';

/** A Lambda endpoint that answers as it is told, and the requests it got. */
const asked: { url: string; authorization: string; body: unknown }[] = [];
let reply: (response: ServerResponse) => unknown;
const endpoint = createServer(async (request, response) => {
  const chunks = await request.toArray();
  const { url = '', headers } = request;
  asked.push({
    url,
    authorization: headers.authorization ?? '',
    body: JSON.parse(Buffer.concat(chunks).toString()),
  });
  reply(response);
});

/** What the SDK would find on a machine of a person who has signed in. */
const SIGNED_IN = { AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret' };
const directory = temporaryDirectory();
const kept = { ...process.env };
let url: string;

before(async () => {
  await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(endpoint.address() as AddressInfo).port}`;
  Object.assign(process.env, SIGNED_IN, {
    AWS_ENDPOINT_URL: url,
    AWS_EC2_METADATA_DISABLED: 'true',
    HOME: directory,
  });
});
after(() => {
  process.env = kept;
  endpoint.closeAllConnections();
  endpoint.close();
});

const configFile = (name: string, content: object): string => {
  const file = join(directory, name);
  writeFileSync(file, JSON.stringify(content));
  return file;
};
const MAIN = { deployment: 'main', homeRegion: 'eu-west-2' };
const says =
  (status: number, type: string, message = 'as AWS words it') =>
  (response: ServerResponse) =>
    response.writeHead(status, { 'x-amzn-errortype': type }).end(JSON.stringify({ message }));
const answers =
  (text: string, headers = {}) =>
  (response: ServerResponse) =>
    response.writeHead(200, headers).end(text);

test('the deployment is found even when the rest of the configuration is in disorder', async () => {
  const console = await findConsole({
    config: configFile('disorder.json', { ...MAIN, sites: [{ name: 7 }] }),
  });
  reply = answers('{"ok":true,"message":"hello"}');
  assert.deepEqual(await console.ask({ action: 'status' }), { ok: true, message: 'hello' });
  const { url: path, authorization, body } = asked.at(-1)!;
  assert.equal(path, '/2015-03-31/functions/main-console/invocations');
  assert.match(authorization, /Credential=AKIAEXAMPLE\/\d+\/eu-west-2\/lambda\//);
  assert.deepEqual(body, { action: 'status' });
});

test('who only looks asks the function that only looks', async () => {
  const config = configFile('look.json', MAIN);
  const status = await findConsole({ config }, 'status');
  reply = answers('{"ok":true,"message":"hello"}');
  await status.ask({ action: 'status' });
  assert.equal(status.name, 'main-status');
  assert.equal(asked.at(-1)?.url, '/2015-03-31/functions/main-status/invocations');
});

describe('where the function that only looks cannot be asked, the console answers to what only looks', () => {
  const statusAnd = (
    first: (response: ServerResponse) => unknown,
    second: (response: ServerResponse) => unknown,
  ) => {
    reply = (response) => (asked.at(-1)?.url.includes('main-status') ? first : second)(response);
    return findConsole({ config: configFile('either.json', MAIN) }, 'status');
  };
  const fine = answers('{"ok":true,"message":"hello"}');
  for (const [why, first] of [
    ['an older version is deployed', says(404, 'ResourceNotFoundException')],
    ['the caller may ask the console alone', says(403, 'AccessDeniedException')],
  ] as const)
    test(why, async () => {
      const from = asked.length;
      const status = await statusAnd(first, fine);
      assert.deepEqual(await status.ask({ action: 'status' }), { ok: true, message: 'hello' });
      assert.deepEqual(
        asked.slice(from).map(({ url, body }) => [url.split('/')[3], body]),
        ['main-status', 'main-console'].map((name) => [name, { action: 'status' }]),
      );
    });

  test('neither can: the one that was meant is named', async () => {
    const status = await statusAnd(
      says(403, 'AccessDeniedException'),
      says(404, 'ResourceNotFoundException'),
    );
    await assert.rejects(
      status.ask({ action: 'status' }),
      /may not call the function main-status in eu-west-2/,
    );
  });

  test('but not when it is there and fails: what the console says of that is another thing', async () => {
    const from = asked.length;
    const status = await statusAnd(says(403, 'ExpiredTokenException'), fine);
    await assert.rejects(status.ask({ action: 'status' }), /The AWS credentials have expired/);
    assert.equal(asked.length, from + 1);
  });

  test('the console fails: that is told', async () => {
    const broken = answers('{"errorType":"Error","errorMessage":"boom"}', {
      'x-amz-function-error': 'Unhandled',
    });
    const status = await statusAnd(says(404, 'ResourceNotFoundException'), broken);
    await assert.rejects(
      status.ask({ action: 'status' }),
      /^Trouble: main-console failed: Error: boom|main-console failed/,
    );
  });
});

test('a configuration that does not say where the deployment is, is refused', async () => {
  await assert.rejects(
    findConsole({ config: configFile('nowhere.json', { deployment: 'main' }) }),
    ConfigError,
  );
  await assert.rejects(findConsole({ config: join(directory, 'missing.json') }), ConfigError);
});

describe('what AWS refuses is told with the way out', () => {
  const cases: [what: string, reply: (response: ServerResponse) => unknown, says: RegExp][] = [
    [
      'no such function',
      says(404, 'ResourceNotFoundException'),
      /^There is no function main-console in eu-west-2 in this account\. Either it is not deployed yet/,
    ],
    [
      'not allowed',
      says(403, 'AccessDeniedException'),
      /^These credentials may not call .* Ask for the permission lambda:InvokeFunction .*\n.*AccessDeniedException: as AWS words it$/,
    ],
    ['expired', says(403, 'ExpiredTokenException'), /^The AWS credentials have expired\. Sign in/],
    [
      'unknown key',
      says(403, 'UnrecognizedClientException'),
      /^AWS does not accept these credentials in eu-west-2/,
    ],
    [
      'wrong secret',
      says(403, 'InvalidSignatureException'),
      /^AWS does not accept these credentials in eu-west-2/,
    ],
    [
      'throttled',
      says(429, 'TooManyRequestsException'),
      /^AWS has no room for a call of main-console just now\. Repeat it/,
    ],
    [
      'broken',
      says(500, 'ServiceException'),
      /^main-console in eu-west-2 could not be asked\. It may have been carried out/,
    ],
    [
      'cut off',
      (response) => response.destroy(),
      /^main-console in eu-west-2 did not answer in time\. It may have been carried out/,
    ],
    [
      'the function timed out',
      answers('{"errorType":"Sandbox.Timedout","errorMessage":"Task timed out after 60.00 seconds"}', {
        'x-amz-function-error': 'Unhandled',
      }),
      /^main-console failed: Sandbox\.Timedout: Task timed out after 60\.00 seconds\. It may have been .*\/aws\/lambda\/main-console in eu-west-2\.$/,
    ],
    [
      'another function',
      answers('"hello"'),
      /^Expected main-console in eu-west-2 to answer as .* received "hello"\. Is that/,
    ],
    ['no JSON', answers('<html>'), /^Expected main-console .* received <html>/],
  ];
  for (const [what, how, said] of cases) {
    test(what, async () => {
      reply = how;
      const before = asked.length;
      const console = await findConsole({ config: configFile('main.json', MAIN) });
      await assert.rejects(console.ask({ action: 'hold' }), (error) => {
        assert.ok(error instanceof Trouble);
        assert.match(error.message, said);
        assert.doesNotMatch(error.message, /\n\s+at /);
        return true;
      });
      assert.equal(asked.length - before, 1, 'an order is sent once');
    });
  }

  test('a look is asked a second time, and promises nothing', async () => {
    reply = says(500, 'ServiceException');
    const before = asked.length;
    const console = await findConsole({ config: configFile('main.json', MAIN) });
    await assert.rejects(console.ask({ action: 'status' }), /could not be asked\. Ask again\./);
    assert.equal(asked.length - before, 2);
  });

  test('no credentials, and nobody there', async (t) => {
    const console = await findConsole({ config: configFile('main.json', MAIN) });
    process.env.AWS_ENDPOINT_URL = 'http://127.0.0.1:1';
    t.after(() => Object.assign(process.env, SIGNED_IN, { AWS_ENDPOINT_URL: url }));
    await assert.rejects(
      console.ask({ action: 'hold' }),
      /AWS Lambda in eu-west-2 cannot be reached from here/,
    );
    delete process.env.AWS_ACCESS_KEY_ID;
    await assert.rejects(
      console.ask({ action: 'hold' }),
      /No AWS credentials were found\. Sign in \("aws sso login"/,
    );
  });
});

describe('a local cloud', () => {
  const running = (name: string, content: object): string => {
    const dir = join(directory, name);
    mkdirSync(dir);
    writeFileSync(join(dir, 'running.json'), JSON.stringify(content));
    return dir;
  };
  const here = {
    region: 'eu-west-1',
    functions: { console: 'demo-console', status: 'demo-status' },
    operator: { accessKeyId: 'AKIALOCAL', secretAccessKey: 's' },
  };

  test('is asked where it says it is, with the keys it gives', async () => {
    const dir = running('runs', { ...here, pid: process.pid, aws: url });
    const console = await findConsole({ local: dir });
    reply = answers('{"ok":false,"message":"no"}');
    assert.equal((await console.ask({ action: 'status' })).message, 'no');
    assert.match(asked.at(-1)!.authorization, /Credential=AKIALOCAL\/\d+\/eu-west-1\/lambda\//);
    assert.match(asked.at(-1)!.url, /demo-console/);
  });

  test('that is only starting is told, with what to do', async () => {
    const dir = join(directory, 'starts');
    mkdirSync(dir);
    writeFileSync(join(dir, 'lock'), `${process.pid}\n`);
    await assert.rejects(
      findConsole({ local: dir }),
      /starts, process \d+, is still starting.* ask again when/,
    );
  });

  test('that is not there, or was killed, is told', async () => {
    await assert.rejects(
      findConsole({ local: join(directory, 'none') }),
      /No local cloud is running on .*none\. Start one/,
    );
    // No process has this number: it is above what any kernel here gives out.
    const killed = running('killed', { ...here, pid: 2 ** 30, aws: url });
    await assert.rejects(findConsole({ local: killed }), /No local cloud is running on .*killed/);
    const silent = running('silent', { ...here, pid: process.pid, aws: 'http://127.0.0.1:1' });
    await assert.rejects(
      (await findConsole({ local: silent })).ask({ action: 'status' }),
      /No local cloud is running/,
    );
  });
});
