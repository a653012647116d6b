import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metaCharsets } from '../../../../../lambda/core/probe/meta.ts';

/** What Chromium 156 takes and leaves. */
const ROWS: [html: string, labels: string[]][] = [
  ['<meta charset=iso-8859-1>', ['iso-8859-1']],
  ["<!doctype html><html><head><META CHARSET=' utf-8 '>", ['utf-8']],
  ['<meta\ncharset="utf-8">', ['utf-8']],
  ['<meta/charset="utf-8">', ['utf-8']],
  ['<meta charset=foo><meta charset=utf-8>', ['foo', 'utf-8']],
  ['<meta http-equiv="Content-Type" content="text/html; charset = \'utf-8\'">', ['utf-8']],
  ['<meta content="text/html;charset=utf-8" http-equiv=content-type>', ['utf-8']],
  ['<meta content="text/html" charset="utf-8">', ['utf-8']],
  ['<meta charset="a" charset="b">', ['a']],
  ['<!-- <meta charset="a"> --><meta charset="b">', ['b']],
  ['<title><meta charset="a"></title><meta charset="b">', ['b']],
  ['<SCRIPT>"<meta charset=a>"</script><meta charset=b>', ['b']],
  ['<p title="<meta charset=a>"><meta charset=b>', ['b']],
  ['< meta charset=a><meta charset=b>', ['b']],
  ['<meta charset=utf-8/>', ['utf-8/']],
  ['<meta content="text/html; charset=utf-8">', []],
  ['<meta content="charset=utf-8" http-equiv=refresh>', []],
  ['<meta name="charset" content="utf-8">', []],
  ['<meta data-charset="utf-8"><metax charset="utf-8">', []],
  ['<meta charset="utf-8', []],
  ['<!-- <meta charset="utf-8">', []],
  ['<script><meta charset="utf-8">', []],
  ['', []],
];

for (const [html, labels] of ROWS) {
  test(`${JSON.stringify(html)} names ${labels.join(', ') || 'no character set'}`, () => {
    assert.deepEqual(metaCharsets(html), labels);
  });
}

test('what is no page takes no time', () => {
  for (const hostile of [
    '<',
    '<a',
    '<a "',
    "<a '",
    '<!--',
    '<script>',
    '<meta a="',
    '<meta charset',
    '="\'',
  ]) {
    const startedAt = process.cpuUsage().user;
    metaCharsets(hostile.repeat(1_024));
    assert.ok(process.cpuUsage().user - startedAt < 100_000, hostile);
  }
});
