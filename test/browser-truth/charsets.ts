import { bytes, type Case, type Cases, TEXT } from './case.ts';

/** In single bytes where a character set has them: Cyrillic capitals begin at 0xC0 in windows-1251, at U+0410 in Unicode. */
const windows1251 = (text: string): Buffer =>
  Buffer.from(
    [...text].map((each) => (each < '\u0410' ? each.charCodeAt(0) : each.charCodeAt(0) - 0x410 + 0xc0)),
  );
const utf16be = (text: string): Buffer => Buffer.from(text, 'utf16le').swap16();

const GERMAN = 'Gr\u00fc\u00dfe aus K\u00f6ln';
const RUSSIAN = '\u0414\u043e\u0431\u0440\u043e \u043f\u043e\u0436\u0430\u043b\u043e\u0432\u0430\u0442\u044c';
const LONG_RUSSIAN = `${RUSSIAN} \u043d\u0430 \u043d\u0430\u0448 \u0441\u0430\u0439\u0442. `.repeat(30);
const BOM = '\ufeff';

const page = (text: string, head = ''): string =>
  `<!doctype html><html><head>${head}<title>t</title></head><body>${text}</body></html>`;
const meta = (charset: string): string => `<meta charset="${charset}">`;

/** A page of this type whose body are these bytes; `wanted` is what is looked for. */
export const typed = (type: string | undefined, body: Buffer, wanted: string): Case => {
  const line = type === undefined ? '' : `Content-Type: ${type}\r\n`;
  return { ...bytes(`HTTP/1.1 200 OK\r\n${line}Content-Length: ${body.length}\r\n\r\n`, body), wanted };
};
export const html = (charset: string | undefined, body: Buffer, wanted = GERMAN): Case =>
  typed(charset === undefined ? 'text/html' : `text/html; charset=${charset}`, body, wanted);

export const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
export const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const utf16le = (text: string): Buffer => Buffer.from(text, 'utf16le');
const german = page(GERMAN);
/** A page with text in a character set for which Node has no writer. */
export const around = (text: number[]): Buffer =>
  Buffer.concat([latin1('<!doctype html><body>'), Buffer.from(text), latin1('</body>')]);

export const CHARSETS: Cases = {
  'cs-utf8': html('utf-8', utf8(german)),
  'cs-latin': html('iso-8859-1', latin1(german)),
  'cs-euro': html('iso-8859-1', latin1(page('5 \x80')), '5 \u20ac'),
  'cs-metalatin': html(undefined, latin1(page(GERMAN, meta('iso-8859-1')))),
  'cs-meta8': html(undefined, utf8(page(GERMAN, meta('utf-8')))),
  'cs-hdrmeta': html('utf-8', utf8(page(GERMAN, meta('iso-8859-1')))),
  'cs-hdrmeta2': html('iso-8859-1', utf8(page(GERMAN, meta('utf-8')))),
  'cs-bomhdr': html('iso-8859-1', utf8(`${BOM}${german}`)),
  'cs-16lebom': html(undefined, utf16le(`${BOM}${german}`)),
  'cs-16bebom': html(undefined, utf16be(`${BOM}${german}`)),
  'cs-16hdr': html('utf-16le', utf16le(german)),
  'cs-16hdronly': html('utf-16', utf16le(german)),
  'cs-1251': html('windows-1251', windows1251(page(RUSSIAN)), RUSSIAN),
  'cs-meta1251': html(undefined, windows1251(page(RUSSIAN, meta('windows-1251'))), RUSSIAN),
  'cs-metahttp1251': html(
    undefined,
    windows1251(page(RUSSIAN, '<meta http-equiv="Content-Type" content="text/html; charset=windows-1251">')),
    RUSSIAN,
  ),
  'cs-none8': html(undefined, utf8(german)),
  'cs-nonelatin': html(undefined, latin1(german)),
  'cs-none1251': html(undefined, windows1251(page(LONG_RUSSIAN)), RUSSIAN),
  'cs-none8ru': html(undefined, utf8(page(LONG_RUSSIAN)), RUSSIAN),
  'cs-lie8': html('utf-8', latin1(german)),
  'cs-lielatin': html('iso-8859-1', utf8(german)),
  'cs-quoted': html('"utf-8"', utf8(german)),
  'cs-quotedlatin': html('"iso-8859-1"', latin1(german)),
  'cs-apos': html("'iso-8859-1'", latin1(german)),
  'cs-unknown': html('foo', utf8(german)),
  'cs-sjis': html('shift_jis', around([0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea]), '\u65e5\u672c\u8a9e'),
  'cs-gb': html('gb18030', around([0xd6, 0xd0, 0xce, 0xc4]), '\u4e2d\u6587'),
  'cs-entity': html('utf-8', utf8(page('Gr&uuml;&szlig;e aus K&ouml;ln'))),
  'cs-json': typed('application/json', utf8(`{"text":"${GERMAN}"}`), GERMAN),
  'cs-jsonlatin': typed('application/json; charset=iso-8859-1', latin1(`{"text":"${GERMAN}"}`), GERMAN),
  'cs-plain': typed('text/plain', utf8(GERMAN), GERMAN),
  'cs-nul': html('utf-8', utf8(page(`\0${TEXT}\0`)), TEXT),
  'cs-decomp': html('utf-8', utf8(page(GERMAN.normalize('NFD')))),
};
