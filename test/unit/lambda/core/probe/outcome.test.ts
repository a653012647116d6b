import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  type Code,
  codeOfError,
  OUTCOMES,
  type Phase,
  printable,
  statusFinding,
} from '../../../../../lambda/core/probe/outcome.ts';
import type { ProbeRequest } from '../../../../../lambda/core/probe/request.ts';

const ERRORS: [errorCode: string, phase: Phase, code: Code][] = [
  ['ECONNREFUSED', 'connect', 'refused'],
  ['ECONNRESET', 'connect', 'reset'],
  ['ECONNRESET', 'tls', 'reset'],
  ['ECONNRESET', 'body', 'body-cut-short'],
  ['EPIPE', 'response', 'reset'],
  ['ETIMEDOUT', 'connect', 'timeout-connect'],
  ['ETIMEDOUT', 'response', 'timeout-response'],
  ['EHOSTUNREACH', 'connect', 'unreachable'],
  ['ENETUNREACH', 'connect', 'no-network'],
  ['EADDRNOTAVAIL', 'connect', 'no-network'],
  ['EAFNOSUPPORT', 'connect', 'no-network'],
  ['EMFILE', 'connect', 'no-descriptors'],
  ['ENFILE', 'connect', 'no-descriptors'],
  ['ENOMEM', 'connect', 'no-memory'],
  ['ENOMEM', 'dns', 'no-memory'],
  ['ENOBUFS', 'response', 'no-buffers'],
  ['EACCES', 'connect', 'not-permitted'],
  ['EPERM', 'connect', 'not-permitted'],
  ['ENOTFOUND', 'dns', 'dns-not-found'],
  ['ENODATA', 'dns', 'dns-not-found'],
  ['ESERVFAIL', 'dns', 'dns-unavailable'],
  ['ETIMEOUT', 'dns', 'dns-unavailable'],
  ['ECONNREFUSED', 'dns', 'dns-unavailable'],
  ['ERR_INVALID_URL', 'dns', 'internal'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls', 'tls-protocol'],
  ['ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC', 'body', 'tls-protocol'],
  ['MALFORMED', 'body', 'http-protocol'],
  ['FLOOD', 'response', 'flood'],
  ['TimeoutError', 'response', 'internal'],
  ['ERR_ASSERTION', 'body', 'internal'],
  // What Node cannot read of what a server chose is the server's; a wrong call and want of memory are ours.
  ['ERR_CRYPTO_OPERATION_FAILED', 'tls', 'tls-chain'],
  ['ERR_OSSL_ASN1_WRONG_TAG', 'tls', 'tls-chain'],
  ['ERR_INVALID_URL', 'response', 'http-protocol'],
  ['ERR_ENCODING_INVALID_ENCODED_DATA', 'body', 'http-protocol'],
  ['URIError', 'body', 'http-protocol'],
  ['ERR_INVALID_ARG_TYPE', 'body', 'internal'],
  ['RangeError', 'body', 'internal'],
  ['ERR_OSSL_PEM_NO_START_LINE', 'connect', 'internal'],
  ['', 'connect', 'internal'],
];

for (const [errorCode, phase, code] of ERRORS) {
  test(`${errorCode || 'an error without a code'} while in ${phase} is ${code}`, () => {
    assert.equal(codeOfError(errorCode, phase), code);
  });
}

test('a certificate turned down for any reason but dates, names and revocation is untrusted', () => {
  assert.equal(codeOfError('CERT_HAS_EXPIRED', 'tls', true), 'tls-expired');
  assert.equal(codeOfError('ERR_TLS_CERT_ALTNAME_INVALID', 'tls', true), 'tls-name');
  assert.equal(codeOfError('UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls', true), 'tls-untrusted');
  assert.equal(codeOfError('CERT_REVOKED', 'tls', true), 'tls-revoked');
  assert.equal(codeOfError('CERT_CHAIN_TOO_LONG', 'tls', true), 'tls-untrusted');
  assert.equal(codeOfError('OUT_OF_MEM', 'tls', true), 'no-memory');
});

test('only an expected answer passes (a slow one too), and nothing that is our own trouble counts as failed', () => {
  const passed = Object.entries(OUTCOMES).filter(([, [outcome]]) => outcome === 'passed');
  assert.deepEqual(
    passed.map(([code]) => code),
    ['ok', 'slow'],
  );
  const unknown = Object.entries(OUTCOMES).filter(([, [outcome]]) => outcome === 'unknown');
  assert.deepEqual(unknown.map(([code]) => code).sort(), [
    'batch-deadline',
    'body-pattern',
    'dns-unavailable',
    'internal',
    'no-buffers',
    'no-descriptors',
    'no-memory',
    'no-network',
    'not-permitted',
    'secret-unavailable',
    'starved',
    'unreferenced',
    'vantage-blind',
  ]);
});

test('the status decides before anything else', () => {
  const request = { expectStatus: [200, 301] } as ProbeRequest;
  assert.equal(statusFinding(request, 301, 'https://elsewhere.test/'), undefined);
  assert.deepEqual(statusFinding(request, 302, '/login'), {
    code: 'redirect',
    detail: 'expected status 200 or 301, received 302 to /login',
  });
  assert.deepEqual(statusFinding(request, 404), {
    code: 'status',
    detail: 'expected status 200 or 301, received 404',
  });
});

test('what a server says cannot steer a terminal or stretch an e-mail', () => {
  assert.equal(printable('a\u001b[31m\r\n\tb \u202egr\u00fcn\u007f', 100), 'a?[31m b ?gr\u00fcn?');
  assert.equal(printable('x'.repeat(300), 200), `${'x'.repeat(197)}...`);
  assert.equal(printable('x'.repeat(200), 200).length, 200);
  assert.equal(printable('\u{1f600}'.repeat(4), 6), '\u{1f600}...');
});
