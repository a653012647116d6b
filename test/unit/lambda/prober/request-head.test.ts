import assert from 'node:assert/strict';
import { test } from 'node:test';
import { requestTarget } from '../../../../lambda/prober/request-head.ts';

const ROWS: [url: string, target: string][] = [
  ['http://www.site.test', '/'],
  ['http://www.site.test/a?b=c#d?e', '/a?b=c'],
  ['http://www.site.test/?', '/?'],
  ['http://www.site.test/a#?b', '/a'],
  ['http://user:p%3Fw@www.site.test/a', '/a'],
  ['http://www.site.test/a|b?c|d', '/a%7Cb?c|d'],
  ['http://www.site.test/\u00fc "<>`{}^', '/%C3%BC%20%22%3C%3E%60%7B%7D%5E'],
];

for (const [url, target] of ROWS) {
  test(`${url} is asked for as ${target}, as by Chromium`, () => {
    assert.equal(requestTarget(new URL(url)), target);
  });
}
