import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeRequest } from '../../lambda/core/probe/request.ts';
import { observe, requestOf } from '../unit/lambda/prober/probing.ts';
import { onRequest, serve } from '../unit/lambda/prober/servers.ts';

const OK = 'HTTP/1.1 200 OK\r\n';
const LENGTH = 'Content-Length: 2\r\n';
const LATIN1 = 'Content-Type: text/html; charset=iso-8859-1\r\n';
const TO_COOKIE = 'Set-Cookie: seen=1; Path=/\r\nLocation: /\r\nContent-Length: 0\r\n\r\n';

type Reported = [
  name: string,
  answer: string | ((request: string) => string),
  rules: Partial<ProbeRequest>,
  code: string,
];

/** Answers by which sound servers were found to be down, or broken ones up; text is latin-1. Those of TLS stand in lambda/prober. */
const REPORTED: Reported[] = [
  [
    'http-01-folded-header',
    `${OK}Content-Security-Policy: default-src self;\r\n  img-src *\r\n${LENGTH}\r\nok`,
    { expectHeaders: { 'content-security-policy': 'default-src self; img-src *' } },
    'ok',
  ],
  ['http-02-bare-newline', `${OK}X-Powered-By: script\n${LENGTH}\r\nok`, {}, 'ok'],
  [
    'http-03-length-and-chunked',
    `${OK}${LENGTH}Transfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n`,
    { bodyMatches: '^ok$' },
    'ok',
  ],
  ['http-04-control-byte-in-cookie', `${OK}Set-Cookie: ___utm=a\x01b; path=/\r\n${LENGTH}\r\nok`, {}, 'ok'],
  ['http-05-same-length-twice', `${OK}${LENGTH}${LENGTH}\r\nok`, { bodyMatches: '^ok$' }, 'ok'],
  [
    'http-08-bytes-after-the-body',
    `${OK}${LENGTH}Connection: close\r\n\r\nok<!-- debug -->`,
    { bodyMatches: '^ok$' },
    'ok',
  ],
  ['http-10-odd-header-name', `${OK}X Served By: web1\r\n${LENGTH}\r\nok`, { bodyIncludes: 'ok' }, 'ok'],
  [
    'body-01-latin1-wanted',
    `${OK}${LATIN1}Content-Length: 4\r\n\r\ngr\xfcn`,
    { bodyIncludes: 'gr\u00fcn' },
    'ok',
  ],
  [
    'body-02-latin1-not-wanted',
    `${OK}${LATIN1}Content-Length: 7\r\n\r\nSt\xf6rung`,
    { bodyExcludes: 'St\u00f6rung' },
    'body',
  ],
  [
    'body-04-mark-before-text',
    `${OK}Content-Type: text/plain; charset=utf-8\r\nContent-Length: 5\r\n\r\n\xef\xbb\xbfok`,
    { bodyMatches: '^ok$' },
    'ok',
  ],
  [
    'coding-01-raw-deflate',
    `${OK}Content-Encoding: deflate\r\n\r\n\xcb\xcf\x06\x00`,
    { bodyIncludes: 'ok' },
    'ok',
  ],
  ['coding-02-none', `${OK}Content-Encoding: none\r\n${LENGTH}\r\nok`, { bodyIncludes: 'ok' }, 'ok'],
  [
    'redirect-01-raw-utf8',
    (request) =>
      request.startsWith('GET /%C3%BCber ')
        ? `${OK}${LENGTH}\r\nok`
        : 'HTTP/1.1 302 Found\r\nLocation: /\xc3\xbcber\r\nContent-Length: 0\r\n\r\n',
    { followRedirects: 1 },
    'ok',
  ],
  [
    'redirect-03-cookie',
    (request) =>
      /cookie: .*seen=1/i.test(request) ? `${OK}${LENGTH}\r\nok` : `HTTP/1.1 302 Found\r\n${TO_COOKIE}`,
    { followRedirects: 3 },
    'ok',
  ],
];

for (const [name, answer, rules, code] of REPORTED) {
  test(`${name} is ${code}`, async (t) => {
    const { port } = await serve(
      t,
      onRequest((socket, request) => {
        socket.end(Buffer.from(typeof answer === 'string' ? answer : answer(request), 'latin1'));
      }),
    );
    const observation = await observe(requestOf(port, { ...rules, timeoutMs: 2_000 }));
    assert.equal(observation.code, code, observation.detail);
  });
}
