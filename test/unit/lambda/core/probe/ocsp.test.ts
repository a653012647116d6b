import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Certificate, certificateIn } from '../../../../../lambda/core/probe/certificate.ts';
import { revocationIn } from '../../../../../lambda/core/probe/ocsp.ts';
import { DAY_MS, leaf, MIDDLE } from '../../../../browser-truth/certificates/authorities.ts';
import { ocspAnswer } from '../../../../browser-truth/certificates/ocsp.ts';

const shown = leaf();
const certificate = certificateIn(shown.der) as Certificate;
const revoked = ocspAnswer(shown, MIDDLE(), 'revoked');

describe('an answer about revocation', () => {
  test('that says "revoked" tells what was signed, and from when until when it is so', () => {
    const said = revocationIn(revoked, certificate);
    assert.ok(said);
    assert.equal(said.hash, '2b0e03021a');
    assert.equal(said.issuerHash.length, 20);
    assert.equal(said.signature.length, 256);
    assert.ok(revoked.includes(Buffer.from(said.signed)));
    const now = Date.now();
    assert.ok(said.fromMs < now && now < said.untilMs && said.untilMs < now + 2 * DAY_MS);
  });

  test('that says "good", or speaks of another certificate, says nothing', () => {
    assert.equal(revocationIn(ocspAnswer(shown, MIDDLE(), 'good'), certificate), undefined);
    assert.equal(revocationIn(ocspAnswer(leaf(), MIDDLE(), 'revoked'), certificate), undefined);
  });

  test('that is garbage, nothing, cut short or far too long says nothing', () => {
    // 6: "unauthorized", an answer without a certificate in it (RFC 6960, 4.2.1).
    for (const bytes of [Buffer.alloc(0), Buffer.from('garbage'), Buffer.from('30030a0106', 'hex')])
      assert.equal(revocationIn(bytes, certificate), undefined);
    for (let length = 0; length < revoked.length; length += 1)
      assert.equal(revocationIn(revoked.subarray(0, length), certificate), undefined, `${length} bytes`);
    assert.equal(revocationIn(Buffer.concat([revoked, Buffer.alloc(20_000)]), certificate), undefined);
  });

  test('with any one byte changed is read or says nothing, and never throws', () => {
    for (let at = 0; at < revoked.length; at += 1) {
      const other = Buffer.from(revoked);
      other[at] = (other[at] ?? 0) ^ 0xff;
      revocationIn(other, certificate);
    }
  });
});
