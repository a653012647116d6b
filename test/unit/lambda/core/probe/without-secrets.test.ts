import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProbeRequest } from '../../../../../lambda/core/probe/request.ts';
import { withoutSecrets } from '../../../../../lambda/core/probe/without-secrets.ts';

test('a secret is taken out of a text in each form that a page may repeat it in', () => {
  const secret = 'a"b\\c<d>&e fghijk';
  const request = { headers: { 'x-key': secret }, secretHeaders: ['x-key'] } as unknown as ProbeRequest;
  const forms = [
    secret,
    encodeURIComponent(secret),
    JSON.stringify(secret),
    'a"b\\c&lt;d&gt;&amp;e fghijk',
    'a&quot;b\\c&lt;d&gt;&amp;e fghijk',
    'only fghijk of it',
    new URL(secret, 'http://a/').pathname,
  ];
  for (const form of forms.flatMap((each) => [each, each.toUpperCase(), each.toLowerCase()])) {
    assert.doesNotMatch(withoutSecrets(`you sent ${form}.`, request, 1_000), /fghijk|b\\/i);
  }
  assert.equal(withoutSecrets('nothing of it', request, 1_000), 'nothing of it');
});

const SECRET = "K3y/$1+é 'x'=&longword";

const escapedBy = (write: (hex: string) => string): string =>
  [...SECRET].map((sign) => write(sign.charCodeAt(0).toString(16))).join('');

/** What a server may make of a secret between hearing it and saying it. */
const WRITTEN: [how: string, form: string][] = [
  ['as it is', SECRET],
  ['in small letters', SECRET.toLowerCase()],
  ['in capitals', SECRET.toUpperCase()],
  ['as part of a URL', encodeURIComponent(SECRET)],
  ['as part of a URL in small letters', encodeURIComponent(SECRET).toLowerCase()],
  ['as a whole URL', encodeURI(SECRET)],
  ['as the path of a URL', new URL(`http://a/${SECRET}`).pathname.slice(1)],
  ['as a form', new URLSearchParams({ '': SECRET }).toString().slice(1)],
  ['as JSON', JSON.stringify(SECRET).slice(1, -1)],
  [
    'as JSON that escapes more',
    SECRET.replace('é', '\\u00e9').replaceAll('/', '\\/').replace('&', '\\u0026'),
  ],
  ['as HTML', SECRET.replace('&', '&amp;').replaceAll("'", '&#39;')],
  [
    'as HTML by other numbers',
    SECRET.replace('&', '&#038;').replaceAll("'", '&#x27;').replace('é', '&#233;'),
  ],
  ['in another character set', SECRET.replace('é', '\ufffd')],
  ['as JSON of numbers alone', escapedBy((hex) => `\\u${hex.padStart(4, '0')}`)],
  ['as HTML of numbers alone', escapedBy((hex) => `&#${Number.parseInt(hex, 16)};`)],
  ['as HTML of other numbers alone', escapedBy((hex) => `&#X${hex};`)],
  ['in two lines', `${SECRET.slice(0, 12)}\r\n ${SECRET.slice(12)}`],
  ['with a sign in it that is not shown', `${SECRET.slice(0, 12)}\u00ad${SECRET.slice(12)}`],
];

for (const [how, form] of WRITTEN) {
  test(`a secret that comes back ${how} is taken out whole`, () => {
    const request = { headers: { 'x-key': SECRET }, secretHeaders: ['x-key'] } as unknown as ProbeRequest;
    assert.equal(withoutSecrets(`sent: ${form}.`, request, 1_000), 'sent: (secret).');
    assert.equal(withoutSecrets(`sent: ${form}${form}.`, request, 1_000), 'sent: (secret)(secret).');
  });
}

test('a part of a secret that stands in quotes, or behind a sign, is taken out by itself', () => {
  for (const secret of [
    'Token token="s3cr3tpart"',
    'Token token=\'s3cr3tpart\', nonce="abcdefgh"',
    'key=s3cr3tpart;v=1',
    'user:s3cr3tpart',
    'Digest a="1",response="s3cr3tpart"',
    'a|s3cr3tpart|b',
    '{"key":"s3cr3tpart"}',
  ]) {
    const request = { headers: { 'x-key': secret }, secretHeaders: ['x-key'] } as unknown as ProbeRequest;
    for (const text of ['s3cr3tpart', 'S3CR3TPART', 'no key s3cr3tpart here'])
      assert.doesNotMatch(
        withoutSecrets(`you sent ${text}.`, request, 1_000),
        /s3cr3tpart/i,
        `${secret}: ${text}`,
      );
  }
});

test('blanks in any number leave what stands around them to be seen', () => {
  const request = { headers: { key: 'tiger-lamp' }, secretHeaders: ['key'] } as unknown as ProbeRequest;
  for (const blanks of [5_000, 200_000]) {
    const text = `received 302 to${' '.repeat(blanks)}https://a/?tiger-lamp`;
    assert.equal(withoutSecrets(text, request, 400), 'received 302 to https://a/?(secret)');
  }
});

test('what is shown alike is taken for the secret that it would look like', () => {
  const request = (value: string) =>
    ({ headers: { key: value }, secretHeaders: ['key'] }) as unknown as ProbeRequest;
  const blanks = 'to tiger  lamp\tstone\u00a0oak';
  assert.equal(withoutSecrets(blanks, request('tiger lamp stone oak'), 100), 'to (secret)');
  assert.equal(withoutSecrets('to a\x01cdefg', request('a?cdefg'), 100), 'to (secret)');
  assert.equal(withoutSecrets('to tiger lamp', request('tiger  lamp'), 100), 'to (secret)');
});

test('nothing of a secret is shown that begins where no more is looked at', () => {
  const request = { headers: { key: 'abcdef' }, secretHeaders: ['key'] } as unknown as ProbeRequest;
  for (let blanks = 4_000; blanks < 4_400; blanks += 1)
    assert.doesNotMatch(
      withoutSecrets(`${' '.repeat(blanks)}abcdef${'x'.repeat(9_000)}`, request, 60),
      /abc/,
    );
});

test('of several secrets the longer one is taken out whole', () => {
  const headers = { one: 'abcdef', two: 'abcdef-more' };
  const request = { headers, secretHeaders: ['one', 'two'] } as unknown as ProbeRequest;
  assert.equal(withoutSecrets('abcdef-more, abcdef', request, 1_000), '(secret), (secret)');
});

test('no more is looked at than is shown', () => {
  const request = { headers: { key: 'abcdef' }, secretHeaders: ['key'] } as unknown as ProbeRequest;
  assert.equal(withoutSecrets(`to ABCDEF${'x'.repeat(100)}`, request, 20), 'to (secret)xxxxxxxxx');
  assert.equal(withoutSecrets(`12345abcdef`, request, 8), '12345(secret)');
});

/** As long as a parameter may be: one that looks like others, and two that a page can nearly repeat at each of its places. */
const LONG = [
  Buffer.from(Array.from({ length: 3_000 }, (_, nth) => (nth * nth * 7919) % 251)).toString('base64'),
  `${'a'.repeat(4_000)}b`,
  `${'\\'.repeat(4_000)}b`,
];
const MOST = 50;
/** Ways to write a sign, and ends that are followed. */
const [MOST_FORMS, MOST_ENDS] = [12, 2];

for (const [nth, secret] of LONG.entries()) {
  test(`a page that nearly repeats a secret, again and again, costs no more than what is shown of it (${nth + 1})`, () => {
    const request = { headers: { key: secret }, secretHeaders: ['key'] } as unknown as ProbeRequest;
    const nearly = secret.slice(0, -1);
    const compared = (page: string): number => {
      // Put back at once: a count says more than a time.
      let calls = 0;
      const { slice } = String.prototype;
      String.prototype.slice = function (...bounds) {
        calls += 1;
        return slice.apply(this, bounds);
      };
      try {
        withoutSecrets(page, request, MOST);
      } finally {
        String.prototype.slice = slice;
      }
      return calls;
    };
    const calls = compared(nearly.repeat(16));
    assert.ok(calls <= MOST * secret.length * MOST_FORMS * MOST_ENDS, `${calls} comparisons`);
    assert.equal(compared(nearly.repeat(64)), calls, 'a page four times as long costs the same');
  });
}
