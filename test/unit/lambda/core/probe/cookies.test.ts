import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Cookie, cookieHeader, withCookies } from '../../../../../lambda/core/probe/cookies.ts';

const NOW_MS = Date.UTC(2026, 10, 30);
const site = new URL('https://www.site.test/a/b');

const ROWS: [what: string, set: string[], to: string, sent: string | undefined][] = [
  ['to the same host', ['a=1'], 'https://www.site.test/a/c', 'a=1'],
  ['not above its path', ['a=1'], 'https://www.site.test/', undefined],
  ['everywhere below its path', ['a=1; Path=/'], 'https://www.site.test/x', 'a=1'],
  ['not to a path that only begins alike', ['a=1; path=/a'], 'https://www.site.test/ab', undefined],
  ['not to another host', ['a=1; path=/'], 'https://site.test/', undefined],
  ['to hosts below its domain', ['a=1; path=/; Domain=.Site.test'], 'https://login.site.test/', 'a=1'],
  ['not for a foreign domain', ['a=1; path=/; domain=other.test'], 'https://other.test/', undefined],
  ['not over http when it is secure', ['a=1; path=/; Secure'], 'http://www.site.test/', undefined],
  ['over http when it is not', ['a=1; path=/'], 'http://www.site.test/', 'a=1'],
  ['the last of one name', ['a=1', 'a=2', 'b=3; HttpOnly'], 'https://www.site.test/a/b', 'a=2; b=3'],
  ['not one that is over', ['a=1', 'a=x; Max-Age=0'], 'https://www.site.test/a/b', undefined],
  [
    'not one of the past',
    ['a=x; expires=Thu, 01 Jan 1970 00:00:00 GMT'],
    'https://www.site.test/a/b',
    undefined,
  ],
  ...[
    'Fri, 31-Dec-99 23:59:59 GMT',
    'Wed, 31 Dec 1969 23:59:59 GMT',
    'Mon, 01-Jan-2001 00:00:00 GMT',
    'Thu, 01-Jan-70 00:00:01 GMT',
    'Sun, 29 Nov 2026 00:00:00 GMT',
    'Nov 29 2026 10:00:00',
  ].map((date): [string, string[], string, undefined] => [
    `not one of ${date}`,
    [`a=1`, `a=x; Expires=${date}`],
    'https://www.site.test/a/b',
    undefined,
  ]),
  ...[
    'Wed, 01 Jan 2098 00:00:00 GMT',
    'Tue, 01 Dec 2026 00:00:01 GMT',
    '1970',
    '0',
    'Thu, 01 Jan 1970',
    'Thu, 32 Jan 1970 00:00:00',
  ].map((date): [string, string[], string, string] => [
    `one of ${date}`,
    [`a=1; Expires=${date}`],
    'https://www.site.test/a/b',
    'a=1',
  ]),
  ['those for longer paths first', ['a=1; Path=/', 'b=2; Path=/a'], 'https://www.site.test/a/b', 'b=2; a=1'],
  ['not one with a tab in its value', ['a=1\t2'], 'https://www.site.test/a/b', undefined],
  ['not one with a control byte', ['a=1\u0001'], 'https://www.site.test/a/b', undefined],
  ['as its value alone when it has no name', ['=1'], 'https://www.site.test/a/b', '1'],
  ['as it came when it is no pair', ['seen'], 'https://www.site.test/a/b', 'seen'],
  ['not when it is empty', ['=', ''], 'https://www.site.test/a/b', undefined],
  ['not for a domain of one label', ['a=1; path=/; domain=test'], 'https://www.site.test/', undefined],
  ['for its own host as its domain', ['a=1; path=/; domain=www.site.test'], 'https://www.site.test/', 'a=1'],
  ['not to other sites unless it is secure', ['a=1; SameSite=None'], 'https://www.site.test/a/b', undefined],
  ['to other sites when it is', ['a=1; SameSite=None; Secure'], 'https://www.site.test/a/b', 'a=1'],
  ['not in parts unless it is secure', ['a=1; Partitioned'], 'https://www.site.test/a/b', undefined],
  ['not when its name says secure and it is not', ['__Secure-a=1'], 'https://www.site.test/a/b', undefined],
  [
    'not for a host whose name it does not keep to',
    ['__Host-a=1; Secure'],
    'https://www.site.test/a/b',
    undefined,
  ],
  [
    'not when its name says that scripts cannot set it',
    ['__Http-a=1; Secure'],
    'https://www.site.test/a/b',
    undefined,
  ],
  [
    'not when its value alone says so',
    ['=__Host-a=1; Secure; Path=/'],
    'https://www.site.test/a/b',
    undefined,
  ],
  ['of 4,096 letters', [`a=${'b'.repeat(4_095)}`], 'https://www.site.test/a/b', `a=${'b'.repeat(4_095)}`],
  ['not of more', [`a=${'b'.repeat(4_096)}`], 'https://www.site.test/a/b', undefined],
  ['for a host', ['__Host-a=1; Secure; Path=/'], 'https://www.site.test/a/b', '__Host-a=1'],
  [
    'without an attribute that is too long',
    [`a=1; x=${'y'.repeat(5_000)}`],
    'https://www.site.test/a/b',
    'a=1',
  ],
  [
    'with its first fifty attributes',
    [`a=1${'; x'.repeat(49)}; path=/${'; path=/b'.repeat(100_000)}`],
    'https://www.site.test/c',
    'a=1',
  ],
  ['not one of 5,000 characters', [`a=${'x'.repeat(5_000)}`], 'https://www.site.test/a/b', undefined],
];

for (const [what, set, to, sent] of ROWS) {
  test(`a cookie goes ${what}`, () => {
    assert.equal(cookieHeader(withCookies([], site, set, NOW_MS), new URL(to)), sent);
  });
}

test('a secure cookie is not taken over http', () => {
  assert.deepEqual(withCookies([], new URL('http://www.site.test/'), ['a=1; Secure'], NOW_MS), []);
});

test('as many are kept as Chromium keeps, and then the newest', () => {
  const set = (count: number) => Array.from({ length: count }, (_, index) => `c${index}=1`);
  const kept = (count: number): Cookie[] => withCookies([], site, set(count), NOW_MS);
  assert.equal(kept(180).length, 180);
  assert.deepEqual([kept(181).length, kept(181)[0]?.name, kept(181).at(-1)?.name], [150, 'c31', 'c180']);
});

test('what comes without TLS changes no secure cookie', () => {
  const before = withCookies([], site, ['a=1; Secure; Path=/'], NOW_MS);
  const plain = new URL('http://www.site.test/');
  for (const header of ['a=2', 'a=2; Domain=site.test', 'a=2; Path=/b', 'a=; Max-Age=0'])
    assert.deepEqual(withCookies(before, plain, [header], NOW_MS), before, header);
  assert.equal(withCookies(before, plain, ['b=2'], NOW_MS).length, 2);
});
