import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { alternativeNames, basicConstraints, keyUsage } from '../../../../../fixtures/x509/x509.ts';
import { certificateIn, isNamed } from '../../../../../lambda/core/probe/certificate.ts';
import { leaf, leafExtensions } from '../../../../browser-truth/certificates/authorities.ts';

/** Host, alternative names, and whether Chromium takes them for it. */
const NAMED: [host: string, names: string[], named: boolean][] = [
  ['www.site.test', ['www.site.test'], true],
  ['www.site.test', ['a.site.test', 'www.site.test'], true],
  ['www.site.test', ['WWW.Site.TEST'], true],
  ['WWW.site.test', ['www.site.test'], true],
  ['www.site.test.', ['www.site.test'], true],
  ['www.site.test', ['www.site.test.'], true],
  ['www.site.test.', ['*.site.test'], true],
  ['www.site.test', ['*.site.test'], true],
  ['under_score.site.test', ['*.site.test'], true],
  ['under_score.site.test', ['under_score.site.test'], true],
  ['xn--bcher-kva.site.test', ['*.site.test'], true],
  ['www.site.test', [], false],
  ['www.site.test', [''], false],
  ['www.site.test', ['site.test'], false],
  ['site.test', ['*.site.test'], false],
  ['a.b.site.test', ['*.site.test'], false],
  ['a.b.site.test', ['*.b.site.test'], true],
  ['www.site.test', ['w*.site.test'], false],
  ['www.site.test', ['*w.site.test'], false],
  ['www.site.test', ['www.*.test'], false],
  ['www.site.test', ['*.*.test'], false],
  ['www.site.test', ['*'], false],
  ['site.test', ['*.test'], false],
  ['localhost', ['*'], false],
  ['localhost', ['localhost'], true],
  ['www.site.test', ['www.site.test\0.evil.test'], false],
  ['www.site.test', ['evil.test, DNS:www.site.test'], false],
];

describe('the names of a certificate', () => {
  for (const [host, names, named] of NAMED) {
    test(`${JSON.stringify(names)} ${named ? 'are' : 'are not'} for ${host}`, () =>
      assert.equal(isNamed(host, names), named));
  }
});

describe('a certificate', () => {
  test('tells its host names, and not its addresses', () => {
    const { der } = leaf({ extensions: leafExtensions(['www.site.test', 'ip:127.0.0.1', '*.other.test']) });
    assert.deepEqual(certificateIn(der)?.names, ['www.site.test', '*.other.test']);
  });

  test('without extensions has no names', () => {
    const found = certificateIn(leaf({ extensions: undefined }).der);
    assert.deepEqual(found?.names, []);
    assert.equal(found?.usage, undefined);
  });

  test('tells what its key may do', () => {
    const usageOf = (...usages: Parameters<typeof keyUsage>) =>
      certificateIn(leaf({ extensions: [basicConstraints(false), keyUsage(...usages)] }).der)?.usage;
    assert.deepEqual(usageOf('digitalSignature', 'keyEncipherment'), { signs: true, encrypts: true });
    assert.deepEqual(usageOf('digitalSignature'), { signs: true, encrypts: false });
    assert.deepEqual(usageOf('keyAgreement'), { signs: false, encrypts: false });
  });

  test('tells its number and its issuer as they are written', () => {
    const { der, serial } = leaf();
    const found = certificateIn(der);
    assert.deepEqual(Buffer.from(found?.serial ?? []), serial);
    assert.ok(Buffer.from(found?.issuer ?? []).includes('Truth intermediate'));
  });

  test('that is cut short, or has any one byte changed, is read or is none, and never an error', () => {
    const { der } = leaf({ extensions: [alternativeNames(['www.site.test'])] });
    for (let length = 0; length < der.length; length += 1) {
      assert.equal(certificateIn(der.subarray(0, length)), undefined, `${length} bytes`);
    }
    let unread = 0;
    for (let at = 0; at < der.length; at += 1) {
      const other = Buffer.from(der);
      other[at] = (other[at] ?? 0) ^ 0xff;
      if (certificateIn(other) === undefined) unread += 1;
    }
    assert.ok(unread > 0);
  });
});
