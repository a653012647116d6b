import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, type TestContext, test } from 'node:test';
import { readArguments } from '../../../../bin/arguments.ts';
import { check } from '../../../../bin/commands/check.ts';
import { helloNote } from '../../../../bin/commands/check-notes.ts';
import type { Site } from '../../../../lambda/core/site/site.ts';
import type { Case } from '../../../browser-truth/case.ts';
import {
  DAY_MS,
  leaf,
  leafExtensions,
  MIDDLE,
  middle,
  SOUND,
} from '../../../browser-truth/certificates/authorities.ts';
import { shows, trusted } from '../../../browser-truth/certificates.ts';
import { serveCase } from '../../../browser-truth/serve.ts';
import { ecKeys, overTls, TLS12, withKeys } from '../../../browser-truth/tls-certificates.ts';
import { temporaryDirectory } from '../../lib/fixture.ts';

const directory = temporaryDirectory();

/** What `check` says of a site whose primary is this server; its standby is not there. */
const checked = async (t: TestContext, one: Case, ca = trusted()) => {
  const { port, close } = await serveCase(one);
  t.after(close);
  const file = join(directory, `${port}.json`);
  const config = {
    deployment: 'x',
    local: true,
    homeRegion: 'eu-west-2',
    vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
    intervalSeconds: 5,
    alerts: { emails: ['ops@site.test'] },
    zones: [{ name: 'site.test' }],
    sites: [
      {
        name: 'www.site.test',
        servers: [
          { name: 'primary', ipv4: ['127.0.0.1'] },
          { name: 'standby', ipv4: ['127.0.0.9'] },
        ],
        probe: { url: `https://www.site.test:${port}/`, timeoutSeconds: 2, ca },
      },
    ],
  };
  writeFileSync(file, JSON.stringify(config));
  const given = readArguments(['check', '--config', file], 0);
  assert.ok('command' in given);
  const screen = { colour: false, width: Number.POSITIVE_INFINITY };
  const { text, answer } = await check(given, { screen, progress: (_what, work) => work });
  const { findings } = answer as { findings: { code: string; what: string }[] };
  const own = findings.filter(({ what }) => what.includes('127.0.0.1'));
  return { text, codes: own.map(({ code }) => code), what: own[0]?.what ?? '' };
};

const own = leaf();
const sound = () => shows([own, MIDDLE().certificate]);

describe('check, over TLS,', () => {
  test('finds nothing at a server in order, be `ca` the root, the intermediate or the certificate itself', async (t) => {
    for (const ca of [trusted(), MIDDLE().certificate.pem, own.pem]) {
      const { text, codes } = await checked(t, overTls(sound), ca);
      assert.match(text, /primary {2}127\.0\.0\.1 {2}passed/);
      assert.deepEqual(codes, []);
    }
  });

  test('takes a key on P-384 with TLS 1.2', async (t) => {
    assert.deepEqual((await checked(t, withKeys(ecKeys('P-384'), TLS12))).codes, []);
  });

  test('warns of an intermediate that ends in two days, by its name', async (t) => {
    const ending = middle({ untilMs: Date.now() + 2 * DAY_MS }).certificate;
    const { codes, what } = await checked(
      t,
      overTls(() => shows([own, ending])),
    );
    assert.deepEqual(codes, ['authority-ends']);
    assert.match(what, /^The authority Truth intermediate, above primary .* ends in (1 day|2 days|47 h)/);
    assert.ok(SOUND.untilMs > Date.now() + 14 * DAY_MS, 'the certificate itself lasts');
  });

  test('says that a certificate without alternative names is for no host', async (t) => {
    const unnamed = leaf({ extensions: leafExtensions().slice(0, 3) });
    const { codes, what } = await checked(
      t,
      overTls(() => shows([unnamed, MIDDLE().certificate])),
    );
    assert.deepEqual(codes, ['certificate-name']);
    assert.match(what, /no alternative names \(subjectAltName\)/);
  });

  for (const limit of [600, 1_400]) {
    test(`says of a server that resets on a hello over ${limit} bytes that browsers do not reach it`, async (t) => {
      const atHello: Case['atHello'] = (hello, tcp) =>
        hello.length > limit && tcp.resetAndDestroy() !== undefined;
      const { text, codes, what } = await checked(t, { ...overTls(sound), atHello });
      assert.match(text, /primary {2}127\.0\.0\.1 {2}passed/);
      assert.deepEqual(codes, ['hello-refused']);
      assert.match(what, /passes, and fails when the TLS hello is as large as a browser's: the server reset/);
    });
  }

  test('says when it cannot offer such a hello, if any site is asked over TLS', () => {
    const site = (url: string) => ({ probe: { url } }) as Site;
    assert.match(
      helloNote([site('http://a'), site('https://b')], false).join(),
      /was not tried: .*OpenSSL 3\.5/,
    );
    assert.deepEqual(helloNote([site('https://b')], true), []);
    assert.deepEqual(helloNote([site('http://a'), site('tcp://b:1')], false), []);
  });
});
