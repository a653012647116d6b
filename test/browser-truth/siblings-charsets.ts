import type { Case, Cases } from './case.ts';
import { latin1, typed } from './charsets.ts';

/** Bytes of a text of the west, and what they are in windows-1251: nobody takes one for the other who was not told. */
const BYTES = 'Gr\xfc\xdfe aus K\xf6ln';
const WANTED = new TextDecoder('windows-1251').decode(latin1(BYTES));

const META = '<meta charset="windows-1251">';
const XML = '<?xml version="1.0" encoding="windows-1251"?>';
const comment = (length: number): string => `<!-- ${'x'.repeat(length)} -->`;

const of =
  (type: string | undefined) =>
  (text: string, wanted = WANTED): Case =>
    typed(type, latin1(text), wanted);
const html = of('text/html');
/** A page with this at the beginning of its head. */
const head = (start: string, wanted = WANTED): Case =>
  html(`<!doctype html><html><head>${start}<title>t</title></head><body>${BYTES}</body></html>`, wanted);
const xhtml = (start: string, inHead = ''): Case =>
  of('application/xhtml+xml')(
    `${start}<html xmlns="http://www.w3.org/1999/xhtml"><head>${inHead}<title>t</title></head><body>${BYTES}</body></html>`,
  );
const body = `<html><head></head><body>${BYTES}</body></html>`;

/** Pages that name their character set themselves, beside those of the table. */
export const SIBLINGS_CHARSETS: Cases = {
  'cs-xmlhtml': html(`${XML}${body}`),
  'cs-xmlhtmlapos': html(`<?xml version='1.0' encoding='windows-1251'?>${body}`),
  'cs-xmlhtmlspace': html(`<?xml version="1.0"  encoding = "windows-1251" ?>${body}`),
  'cs-xmlhtmlbare': html(`<?xml encoding=windows-1251?>${body}`),
  'cs-xmlhtmllate': html(` ${XML}${body}`),
  'cs-xmlhtmlcapitals': html(`<?XML version="1.0" encoding="windows-1251"?>${body}`),
  'cs-xmlhtmlopen': html(`<?xml version="1.0" encoding="windows-1251" ${body}`),
  'cs-xmlhtmlmeta': html(
    `<?xml version="1.0" encoding="koi8-r"?><html><head>${META}</head><body>${BYTES}</body></html>`,
  ),
  'cs-xmlhtmlunknown': html(
    `<?xml version="1.0" encoding="foo"?><html><head>${META}</head><body>${BYTES}</body></html>`,
  ),
  'cs-xmlhtmllong': html(`<?xml version="1.0" ${' '.repeat(1_100)} encoding="windows-1251"?>${body}`),
  'cs-xhtmlxml': xhtml(XML),
  'cs-xhtmlmeta': xhtml('', '<meta charset="windows-1251"/>'),
  'cs-xhtmlspace': xhtml(` ${XML}`),
  'cs-xhtmlplus': of('application/xhtml+xml; profile=x')(
    `${XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>${BYTES}</body></html>`,
  ),
  'cs-textxml': of('text/xml')(
    `${XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>${BYTES}</body></html>`,
  ),
  'cs-appxml': of('application/xml')(
    `${XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>${BYTES}</body></html>`,
  ),
  'cs-rssxml': of('application/rss+xml')(
    `${XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>${BYTES}</body></html>`,
  ),
  'cs-atomxml': of('application/atom+xml')(
    `${XML}<html xmlns="http://www.w3.org/1999/xhtml"><body>${BYTES}</body></html>`,
  ),
  'cs-xmlnone': of('text/xml')(
    `<html xmlns="http://www.w3.org/1999/xhtml"><body>${BYTES}</body></html>`,
    BYTES,
  ),
  'cs-xmlutf16': html(`<?xml version="1.0" encoding="utf-16"?>${body}`, BYTES),
  'cs-metautf16': head('<meta charset="utf-16">', BYTES),
  'cs-metaend': head(`</head>${comment(1_100)}${META}`),
  'cs-metaheadother': head(`<div></div>${META}`),
  'cs-plainxml': of('text/plain')(`${XML}${BYTES}`),
  'cs-notypexml': of(undefined)(`${XML}${body}`),
  'cs-notypemeta': of(undefined)(`<!doctype html><html><head>${META}</head><body>${BYTES}</body></html>`),
  'cs-meta1100': head(`${comment(1_100)}${META}`),
  'cs-meta4000': head(`${comment(4_000)}${META}`),
  'cs-meta60000': head(`${comment(60_000)}${META}`),
  'cs-metalinks': head(`${'<link rel=x href=y>'.repeat(100)}${META}`),
  'cs-metascript': head(`<script>var a = "</b>" + '<p>';</script>${META}`),
  'cs-metascriptlong': head(`<script>/*${'x'.repeat(2_000)}*/</script>${META}`),
  'cs-metascriptin': head(`<script>"<meta charset=koi8-r>"</script>${META}`),
  'cs-metascriptcomment': head(`<script><!-- "<script></script>" --></script>${META}`),
  'cs-metastyle': head(`<style>a > b {}</style>${META}`),
  'cs-metacomment': head(`<!-- a -- b > c -->${META}`),
  'cs-metacommentshort': head(`<!-->${META}`),
  'cs-metacommentdash': head(`<!--->${META}`),
  'cs-metacommentbang': head(`<!-- a --!>${META}`),
  'cs-metaconditional': head(`<!--[if IE]><meta charset=koi8-r><![endif]-->${META}`),
  'cs-metabogus': head(`<![if !IE]>${META}`),
  'cs-metaprocessing': head(`<?php ">" ?>${META}`),
  'cs-metaendtag': head(`</x a=">">${META}`),
  'cs-metanoscript': head(`<noscript>${META}</noscript>`),
  'cs-metatemplate': head(`<template>${META}</template>`),
  'cs-metabody': html(`<!doctype html><body>${META}<p>${BYTES}`),
  'cs-metabodylate': html(`<!doctype html><body>${comment(1_100)}${META}<p>${BYTES}`),
  'cs-metatextlate': html(`<!doctype html><p>${'x '.repeat(600)}${META}<p>${BYTES}`),
  'cs-metasvg': head(`<svg><title>a</title></svg>${META}`),
  'cs-metaobject': head(`<object></object>${META}`),
  'cs-metauser': head('<meta charset="x-user-defined">', BYTES),
  'cs-metatwo': head(`<meta charset="foo">${META}`),
  'cs-metatwoknown': head(`${META}<meta charset="koi8-r">`),
  'cs-metaplain': of('text/plain')(`${META}${BYTES}`),
};
