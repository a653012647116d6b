import assert from 'node:assert/strict';
import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { describe, type TestContext, test } from 'node:test';
import { bits, oid, sequence } from '../../../../fixtures/x509/der.ts';
import {
  basicConstraints,
  type Certificate,
  extendedKeyUsage,
  issue,
  keyUsage,
  type Signer,
} from '../../../../fixtures/x509/x509.ts';
import type { Observation } from '../../../../lambda/core/probe/request.ts';
import { readable } from '../../../../lambda/prober/authorities.ts';
import { certificateError } from '../../../../lambda/prober/certificate.ts';
import { chainEnd } from '../../../../lambda/prober/chain-end.ts';
import { type Case, HOST } from '../../../browser-truth/case.ts';
import {
  LEAF_KEYS,
  leaf,
  leafExtensions,
  MIDDLE,
  middle,
  OLD,
  ROOT,
  SOUND,
  STRANGER,
} from '../../../browser-truth/certificates/authorities.ts';
import { type Answering, ocspAnswer } from '../../../browser-truth/certificates/ocsp.ts';
import { shows, trusted } from '../../../browser-truth/certificates.ts';
import { serveCase } from '../../../browser-truth/serve.ts';
import { overTls as caseOverTls, ecKeys, TLS12, withKeys } from '../../../browser-truth/tls-certificates.ts';
import { observe, overTls } from './probing.ts';

const asked = async (
  t: TestContext,
  one: Case,
  host = 'www.site.test',
  ca = trusted(),
): Promise<Observation> => {
  const { port, close } = await serveCase(one);
  t.after(close);
  const request = overTls(port, { url: `https://${host}:${port}/`, timeoutMs: 2_000 });
  return observe(request, { ca });
};

const named = (...names: string[]): Case =>
  caseOverTls(() => shows([leaf({ extensions: leafExtensions(names) }), MIDDLE().certificate]));

/** The authority above all others, as it was before it ended. */
const rootThatEnded = (): string => {
  const extensions = [basicConstraints(true), keyUsage('keyCertSign', 'cRLSign')];
  const { name, keys } = ROOT();
  return issue({ name, publicKey: keys.publicKey, by: ROOT(), ...OLD, extensions }).pem;
};

describe('the certificate of a server', () => {
  test('with a key on P-384 is taken with TLS 1.2 too, for browsers take it (tls-01-p384-with-tls12)', async (t) => {
    const { code, detail } = await asked(t, withKeys(ecKeys('P-384'), TLS12));
    assert.equal(code, 'ok', detail);
  });

  test('that names the host in its subject alone is refused, and why is told (tls-05-no-alternative-name)', async (t) => {
    const unnamed = caseOverTls(() =>
      shows([leaf({ extensions: leafExtensions().slice(0, 3) }), MIDDLE().certificate]),
    );
    const { code, detail } = await asked(t, unnamed);
    assert.equal(code, 'tls-name');
    assert.match(detail, /no alternative names \(subjectAltName\), and browsers look at nothing else/);
  });

  test('with an empty list of names is for another host (tls-name)', async (t) => {
    const { code, detail } = await asked(t, named());
    assert.equal(code, 'tls-name', detail);
    assert.match(detail, /but for names that cannot be read/);
  });

  test('is read or refused whatever byte of it is another one', () => {
    const { der } = leaf();
    let read = 0;
    for (let at = 0; at < der.length; at += 1)
      for (const flipped of [0x01, 0x02, 0x20, 0xff]) {
        const bytes = Buffer.from(der);
        bytes[at] = (bytes[at] as number) ^ flipped;
        for (const shown of readable(bytes)) {
          read += 1;
          for (const host of [HOST, '127.0.0.1'])
            assert.doesNotThrow(
              () => [certificateError(host, shown, { cipher: () => '' }), chainEnd(shown, trusted())],
              `${flipped} at ${at}`,
            );
        }
      }
    assert.ok(read > der.length, `${read} of ${4 * der.length} could be read`);
  });

  test('is taken by the way that leads up, though an authority that `ca` names has ended', async (t) => {
    const ended = middle(OLD).certificate.pem;
    const renewed = MIDDLE().certificate;
    const root = trusted();
    const sends = (...above: { certificate: Certificate }[]) =>
      caseOverTls(() => shows([leaf(), ...above.map(({ certificate }) => certificate)]));
    const rows: [what: string, one: Case, ca: string, code: string][] = [
      ['ended, root', sends(MIDDLE()), ended + root, 'ok'],
      ['root, ended', sends(MIDDLE()), root + ended, 'ok'],
      ['root, ended, renewed', sends(), root + ended + renewed.pem, 'ok'],
      ['ended alone', sends(), ended, 'tls-expired'],
      ['a root that has ended', sends(MIDDLE()), rootThatEnded(), 'tls-expired'],
    ];
    for (const [what, one, ca, expected] of rows) {
      const { code, detail } = await asked(t, one, undefined, ca);
      assert.equal(code, expected, `${what}: ${detail}`);
    }
  });

  test('for other hosts is refused, and for which is told', async (t) => {
    const { code, detail } = await asked(t, named('a.other.test', 'b.other.test'));
    assert.equal(code, 'tls-name');
    assert.match(detail, /not for www\.site\.test but for DNS:a\.other\.test, DNS:b\.other\.test/);
  });

  test('for a wildcard is good for one label, an underscore, and a dot at the end', async (t) => {
    for (const host of ['www.site.test', 'under_score.site.test', 'www.site.test.'])
      assert.equal((await asked(t, named('*.site.test'), host)).code, 'ok', host);
    assert.equal((await asked(t, named('*.site.test'), 'a.b.site.test')).code, 'tls-name');
  });

  test('for an address is good as an address alone', async (t) => {
    assert.equal((await asked(t, named('ip:127.0.0.1'), '127.0.0.1')).code, 'ok');
    assert.equal((await asked(t, named('127.0.0.1'), '127.0.0.1')).code, 'tls-name');
  });

  test('whose key may not do what the handshake needs is tls-protocol', async (t) => {
    const limited = (usage: 'digitalSignature' | 'keyEncipherment', ciphers: string) =>
      caseOverTls(() => {
        const extensions = [basicConstraints(false), keyUsage(usage), ...leafExtensions().slice(2)];
        return { ...shows([leaf({ extensions }), MIDDLE().certificate]), ...TLS12, ciphers };
      });
    const [SIGNS, DECRYPTS] = ['ECDHE-RSA-AES128-GCM-SHA256', 'AES128-GCM-SHA256'];
    assert.equal((await asked(t, limited('digitalSignature', SIGNS))).code, 'ok');
    assert.equal((await asked(t, limited('keyEncipherment', DECRYPTS))).code, 'ok');
    for (const one of [limited('keyEncipherment', SIGNS), limited('digitalSignature', DECRYPTS)]) {
      const { code, detail } = await asked(t, one);
      assert.equal(code, 'tls-protocol');
      assert.match(
        detail,
        /the key usage of the certificate lacks (digitalSignature|keyEncipherment), which TLS_/,
      );
    }
  });
});

/** One whom the intermediate lets sign answers, or that it has issued a certificate for something else. */
const responder = (
  purpose: 'ocspSigning' | 'server',
): Required<Pick<Answering, 'signer' | 'certificates'>> => {
  const signer = { name: 'Responder', keys: LEAF_KEYS() };
  const extensions = [basicConstraints(false), extendedKeyUsage(purpose)];
  const by = MIDDLE();
  return {
    signer,
    certificates: [issue({ ...SOUND, name: signer.name, publicKey: signer.keys.publicKey, by, extensions })],
  };
};

const HOUR_MS = 3_600_000;

/** What makes the difference between a revocation and words: who signed it, about what, and until when. */
const ANSWERS: [what: string, code: string, changes: () => Answering][] = [
  ['of its authority', 'tls-revoked', () => ({})],
  ['of one whom its authority lets answer', 'tls-revoked', () => responder('ocspSigning')],
  ['of one whom its authority lets do something else', 'ok', () => responder('server')],
  ['of a stranger', 'ok', () => ({ signer: STRANGER() })],
  [
    'of a stranger with a certificate',
    'ok',
    () => ({ signer: STRANGER(), certificates: [STRANGER().certificate] }),
  ],
  ['that is out of date', 'ok', () => ({ untilMs: Date.now() - HOUR_MS })],
];

describe('an answer that comes with the certificate and says that it was revoked', () => {
  for (const [what, code, changes] of ANSWERS) {
    test(`${what} is ${code}`, async (t) => {
      const own = leaf();
      const stapled = () => ocspAnswer(own, MIDDLE(), 'revoked', changes());
      const one = { ...caseOverTls(() => shows([own, MIDDLE().certificate])), stapled };
      for (const each of [
        one,
        { ...one, tls: () => ({ ...shows([own, MIDDLE().certificate]), ...TLS12 }) },
      ]) {
        const { code: seen, detail } = await asked(t, each);
        assert.equal(seen, code, detail);
      }
    });
  }

  test('of the root, which need not be sent, counts', async (t) => {
    const own = leaf({ by: ROOT() });
    const one = { ...caseOverTls(() => shows([own])), stapled: () => ocspAnswer(own, ROOT(), 'revoked') };
    const { code, detail } = await asked(t, one);
    assert.equal(code, 'tls-revoked', detail);
    assert.match(detail, /^the certificate was revoked: the server itself sends its authority's answer/);
  });

  test('is proved by no key that nobody knows, whoever has it, and nothing comes of such a key', async (t) => {
    const own = leaf();
    const by = MIDDLE();
    // A key of a kind under a number for examples.
    const unknown = { export: () => sequence(sequence(oid('1.3.6.1.4.1.32473.2')), bits(Buffer.alloc(32))) };
    const keys = [unknown as unknown as KeyObject, generateKeyPairSync('ed25519').publicKey];
    const extensions = [extendedKeyUsage('ocspSigning')];
    const certificates = keys.map((publicKey) => issue({ ...SOUND, name: 'Odd', publicKey, by, extensions }));
    const stapledBy = (signer: Signer): Case => ({
      ...caseOverTls(() => shows([own, by.certificate])),
      stapled: () => ocspAnswer(own, by, 'revoked', { signer, certificates }),
    });
    const { code, detail } = await asked(t, stapledBy(STRANGER()));
    assert.equal(code, 'ok', detail);
    assert.equal((await asked(t, stapledBy(by))).code, 'tls-revoked', 'beside a proof they change nothing');
  });

  test('is not looked for where there is none, where it is "good", or where nobody can read it', async (t) => {
    const own = leaf();
    const one = caseOverTls(() => shows([own, middle().certificate]));
    for (const answer of [undefined, ocspAnswer(own, MIDDLE(), 'good'), Buffer.from('garbage')]) {
      const { code, detail } = await asked(t, { ...one, ...(answer && { stapled: () => answer }) });
      assert.equal(code, 'ok', detail);
    }
  });
});
