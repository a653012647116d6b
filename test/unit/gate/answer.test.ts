import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Asked, answerTo, pathOf } from '../../../gate/answer.ts';

const PRIMARY = 'www-primary.example.com';
const asked = (given: Partial<Asked> = {}): Asked => ({
  authority: 'www.example.com',
  target: '/',
  scheme: 'https',
  isProbe: false,
  ...given,
});
const location = (given: Partial<Asked>): string => {
  const answer = answerTo(asked(given), 'stands-by', PRIMARY);
  return answer.act === 'redirect' ? answer.location : answer.act;
};

test('a server that serves passes everything on, and so does any for a probe', () => {
  for (const authority of ['www.example.com', PRIMARY, undefined, 'nobody.example']) {
    assert.deepEqual(answerTo(asked({ authority }), 'serves', PRIMARY), { act: 'pass' });
    assert.deepEqual(answerTo(asked({ authority, isProbe: true }), 'stands-by', PRIMARY), { act: 'pass' });
  }
});

test('a redirect keeps path, query, port and scheme, whatever the form of the target', () => {
  assert.equal(location({ target: '/a/../b//c?x=1&y=%2F?' }), `https://${PRIMARY}/a/../b//c?x=1&y=%2F?`);
  assert.equal(location({ authority: 'www.example.com:8443' }), `https://${PRIMARY}:8443/`);
  assert.equal(location({ authority: '[2001:db8::1]:8080', scheme: 'http' }), `http://${PRIMARY}:8080/`);
  assert.equal(location({ authority: undefined, target: '/a' }), `https://${PRIMARY}/a`);
  assert.equal(location({ target: 'http://www.example.com:81/a?b' }), `https://${PRIMARY}:81/a?b`);
  assert.equal(location({ target: 'http://www.example.com?b' }), `https://${PRIMARY}/?b`);
  assert.equal(location({ target: '*' }), `https://${PRIMARY}/`);
});

test('nothing that a visitor sends leads anywhere else', () => {
  for (const target of [
    '//evil.example/',
    '/\\evil.example',
    '@evil.example/',
    'http://evil.example/',
    '/@evil.example',
    'x',
  ]) {
    for (const authority of [
      'evil.example',
      'www.example.com@evil.example',
      'a:b:c',
      '',
      ':80',
      'evil.example:99999999',
    ]) {
      const url = new URL(location({ target, authority }));
      assert.equal(url.hostname, PRIMARY, `${authority} ${target}`);
      assert.equal(url.username, '');
    }
  }
});

test("the primary's own name is known in every spelling, and never redirected", () => {
  for (const authority of [
    PRIMARY,
    PRIMARY.toUpperCase(),
    `${PRIMARY}.`,
    `${PRIMARY}:443`,
    `${PRIMARY}.:8443`,
    `user@${PRIMARY}`,
  ]) {
    assert.equal(location({ authority }), 'misdirected', authority);
  }
  assert.equal(location({ target: `http://${PRIMARY}/a` }), 'misdirected');
});

test('the path of a target', () => {
  assert.equal(pathOf('/a?b'), '/a?b');
  assert.equal(pathOf('//a'), '//a');
  assert.equal(pathOf('HTTP://host/a'), '/a');
  assert.equal(pathOf(''), '/');
});
