import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metaCharsets, xmlCharset } from '../../../../../lambda/core/probe/meta.ts';

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
  ['<meta charset="a" charset="b">', ['b']],
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
  ['<noscript><meta charset=a></noscript>', ['a']],
  ['<!--><meta charset=a>', ['a']],
  ['<!---><meta charset=a>', ['a']],
  ['<!-- a --!><meta charset=a>', ['a']],
  ['<?php ">" ?><meta charset=a>', ['a']],
  ['<![if !IE]><meta charset=a>', ['a']],
  ['</x a=">"><meta charset=a>', ['a']],
  ['<plaintext><meta charset=a>', []],
  [`<head><!-- ${'x'.repeat(60_000)} --><meta charset=a>`, ['a']],
  [`<head>${'<link rel=x>'.repeat(1_000)}<meta charset=a>`, ['a']],
  [`<head><script>${'x'.repeat(2_000)}</script><meta charset=a>`, ['a']],
  ['<body><meta charset=a>', ['a']],
  [`<body><!-- ${'x'.repeat(1_100)} --><meta charset=a>`, []],
  [`<head></head><!-- ${'x'.repeat(1_100)} --><meta charset=a>`, []],
  [`<p>${'x '.repeat(600)}<meta charset=a>`, []],
  ['', []],
];

for (const [html, labels] of ROWS) {
  test(`${JSON.stringify(html.slice(0, 100))} names ${labels.join(', ') || 'no character set'}`, () => {
    assert.deepEqual(metaCharsets(html), labels);
  });
}

test('an XML declaration names a character set in quotes, at the very beginning', () => {
  assert.equal(xmlCharset('<?xml version="1.0" encoding="a"?>'), 'a');
  assert.equal(xmlCharset("<?xml encoding = 'a'?>"), 'a');
  assert.equal(xmlCharset('<?xml version="1.0" encoding="a" <p>'), 'a');
  for (const none of [
    '',
    ' <?xml encoding="a"?>',
    '<?XML encoding="a"?>',
    '<?xml encoding=a?>',
    '<?xml ?>encoding="a"',
  ])
    assert.equal(xmlCharset(none), undefined, none);
});

test('what is no page takes no time', () => {
  for (const hostile of [
    '<',
    '<a',
    '<a "',
    "<a '",
    '<!--',
    '<script>',
    '<script></script>',
    '<!-->',
    '<meta charset=x>',
    '</',
    '<?xml encoding',
    '<meta a="',
    '<meta charset',
    '="\'',
  ]) {
    const startedAt = process.cpuUsage().user;
    metaCharsets(hostile.repeat(65_536 / hostile.length));
    xmlCharset(`<?xml ${hostile.repeat(65_536 / hostile.length)}>`);
    assert.ok(process.cpuUsage().user - startedAt < 100_000, hostile);
  }
});
