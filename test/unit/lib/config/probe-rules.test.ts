import assert from 'node:assert/strict';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkConfig, loadConfig } from '../../../../lib/config/index.ts';
import { config, probe, problemsOf, type Refusal, site, testRefusals } from './fixture.ts';

type Fields = Record<string, unknown>;
const withProbe = (fields: Fields) => config({ sites: [site({ probe: probe(fields) })] });
const probeOf = (input: Fields) => checkConfig(input).config.sites[0]?.probe;
const AUTHORITY = join(import.meta.dirname, '../../../../fixtures/certificates/authority.pem');
const ca = readFileSync(AUTHORITY, 'utf8');

const RULES: Refusal[] = [
  [{ body: '{}' }, 'sites[0].probe.body', /with the method GET, received one; use POST/],
  [{ method: 'HEAD', bodyExcludes: 'x' }, 'sites[0].probe.bodyExcludes', /HEAD/],
  [{ method: 'HEAD', bodyJson: { pointer: '/a', equals: 1 } }, 'sites[0].probe.bodyJson', /HEAD/],
  [{ slowIs: 'failed' }, 'sites[0].probe.slowIs', /beside `slowAfterSeconds`/],
  [
    { slowAfterSeconds: 3 },
    'sites[0].probe.slowAfterSeconds',
    /fewer seconds than `timeoutSeconds`, 3, received 3/,
  ],
  [{ redirectHosts: ['a.example.co.uk'] }, 'sites[0].probe.redirectHosts', /set `followRedirects`/],
  [{ url: 'http://www.example.co.uk/', minTls: '1.3' }, 'sites[0].probe.minTls', /no TLS to it/],
  [{ url: 'http://www.example.co.uk/', http: 2 }, 'sites[0].probe.http', /no TLS to it/],
  [
    { url: 'tcp://www.example.co.uk:25', method: 'GET' },
    'sites[0].probe.method',
    /with a tcp URL, .*drop it/,
  ],
  [{ url: 'tcp://www.example.co.uk:25', ca }, 'sites[0].probe.ca', /ends once the connection is there/],
  [
    { url: 'tls://www.example.co.uk:465', bodyIncludes: 'x' },
    'sites[0].probe.bodyIncludes',
    /ends after the handshake/,
  ],
];
testRefusals('fields of a probe that do not go together', RULES, withProbe);

test('fields of the defaults are refused where they are written, and only where they were meant', () => {
  const shared = { url: 'tcp://www.example.co.uk:25', bodyIncludes: 'ok' };
  const site0 = site({ probe: undefined });
  assert.deepEqual(
    problemsOf(config({ defaults: { probe: shared }, sites: [site0] })).map(({ path }) => path),
    ['defaults.probe.bodyIncludes'],
  );
  const defaults = { probe: { bodyIncludes: 'ok', headers: { a: 'b' }, ca, timeoutSeconds: 4 } };
  const sites = [site({ probe: { url: 'TCP://WWW.example.co.uk.:25/' } })];
  assert.deepEqual(probeOf(config({ defaults, sites })), {
    url: 'tcp://www.example.co.uk:25',
    method: 'GET',
    headers: {},
    expectStatus: [200],
    timeoutSeconds: 4,
  });
});

test('the host of a probe that asks for nothing is the site, too', () => {
  const [one] = checkConfig(withProbe({ url: 'tls://WWW.example.co.uk:465' })).config.sites;
  assert.equal(one?.host, 'www.example.co.uk');
  assert.equal(one?.probe.url, 'tls://www.example.co.uk:465');
});

test('everything that can be asked is kept, secrets as the names of their parameters', () => {
  const asked = {
    method: 'POST',
    body: '{"query":"{ok}"}',
    expectStatus: [200, '301-303'],
    expectHeaders: { 'X-Role': 'primary', age: { matches: '^\\d$' }, etag: true, 'x-error': false },
    bodyIncludes: 'ok',
    bodyExcludes: 'error',
    bodyMatches: '^ok',
    bodyJson: { pointer: '/status', equals: null },
    slowAfterSeconds: 2,
    slowIs: 'failed',
    blockedIs: 'unknown',
    followRedirects: 2,
    redirectHosts: ['login.example.co.uk', '10.0.0.1'],
    ca,
    minTls: '1.3',
    http: 2,
  };
  const headers = { 'x-open': '1', Authorization: { secret: '/shop/probe-key' } };
  assert.deepEqual(probeOf(withProbe({ ...asked, headers })), {
    ...probe(asked),
    headers: { 'x-open': '1' },
    secretHeaders: { Authorization: '/shop/probe-key' },
    timeoutSeconds: 3,
  });
});

test('hosts of redirects are written in their one spelling', () => {
  const redirectHosts = ['Login.Example.co.uk.', '2001:DB8:0::1', '10.0.0.1'];
  assert.deepEqual(probeOf(withProbe({ followRedirects: 1, redirectHosts }))?.redirectHosts, [
    'login.example.co.uk',
    '2001:db8::1',
    '10.0.0.1',
  ]);
});

test('what says the same as the default is left out', () => {
  assert.deepEqual(probeOf(withProbe({ followRedirects: 0 })), probeOf(withProbe({})));
});

test('authorities may lie in a file beside the configuration', async (t: TestContext) => {
  const folder = mkdtempSync(join(tmpdir(), 'switchover-ca-'));
  t.after(() => rmSync(folder, { recursive: true }));
  copyFileSync(AUTHORITY, join(folder, 'ours.pem'));
  const write = (name: string, input: Fields) => {
    writeFileSync(join(folder, name), JSON.stringify(input));
    return join(folder, name);
  };
  const good = withProbe({ ca: { file: 'ours.pem' } });
  const shared = { defaults: { probe: { ca: { file: './ours.pem' } } } };
  assert.equal((await loadConfig(write('a.json', good))).config.sites[0]?.probe.ca, ca);
  assert.equal((await loadConfig(write('b.json', { ...config(), ...shared }))).config.sites[0]?.probe.ca, ca);
  const absent = write('c.json', withProbe({ ca: { file: 'theirs.pem' } }));
  await assert.rejects(loadConfig(absent), /probe\.ca .*received "theirs\.pem", which cannot be read/);
});
