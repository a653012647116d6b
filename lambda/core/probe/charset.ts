import type { Headers } from './blocked.ts';
import { withoutBlanks } from './head-lines.ts';
import { metaCharsets, xmlCharset } from './meta.ts';

/** Marks at the beginning of a text (byte order marks), and what they say. They win over everything else. */
const MARKS: readonly (readonly [mark: string, label: string])[] = [
  ['\u00ef\u00bb\u00bf', 'utf-8'],
  ['\u00ff\u00fe', 'utf-16le'],
  ['\u00fe\u00ff', 'utf-16be'],
];

/** What Chromium reads as XML; feeds it shows as text, and other kinds it does not show. */
const XML = /^\s*(?:text\/xml|application\/(?:xhtml\+)?xml|image\/svg\+xml)\s*(?:;|$)/i;
const HTML = /^\s*text\/html/i;

/**
 * A body as text, read as a browser reads it: by its mark, by the header, for a page by its `meta` or its XML declaration. Where
 * nothing is said it is UTF-8, which is what checks and interfaces mean; what is no UTF-8 is windows-1252, as to browsers, or damaged,
 * if it is XML. The mark itself is left out.
 */
export const textOf = (bytes: Buffer, headers: Headers): string => {
  const start = bytes.toString('latin1', 0, 3);
  const types = [headers['content-type'] ?? []].flat();
  const type = types.at(-1) ?? '';
  const marked = MARKS.find(([mark]) => start.startsWith(mark))?.[1];
  const decoder = decoderOf(marked) ?? decoderOf(charsetOf(types)) ?? decoderOfPage(type, bytes);
  if (decoder !== undefined) return decoder.decode(bytes);
  try {
    // A letter that the bound has cut in two is no sign of another character set.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
};

/** Character sets that browsers read no more, since text in them can hide a script: one sign in place of all (Encoding standard, 14.1). */
const REPLACED = /^(csiso2022kr|hz-gb-2312|iso-2022-(cn|cn-ext|kr)|replacement)$/i;
const REPLACEMENT = { decode: (bytes: Buffer): string => (bytes.length === 0 ? '' : '\ufffd') };

/** A label that nobody knows says nothing. */
const decoderOf = (label = ''): { decode(bytes: Buffer): string } | undefined => {
  // Nearly always; to have it refused takes a hundredth of a probe.
  if (label === '') return undefined;
  if (REPLACED.test(label)) return REPLACEMENT;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
};

/** What the header says, as Chromium reads several of them: a later one of the same type that says nothing leaves what was said. */
const charsetOf = (types: readonly string[]): string | undefined => {
  let [type, charset]: [string, string | undefined] = ['', undefined];
  for (const value of types) {
    const [name = '', ...parameters] = value.split(';');
    const label = charsetIn(parameters);
    const now = withoutBlanks(name).toLowerCase();
    if (label !== undefined || now !== type) charset = label;
    type = now;
  }
  return charset;
};

/** The first parameter of that name. Quotation marks of one kind alone are none of its label. */
const charsetIn = (parameters: readonly string[]): string | undefined => {
  for (const parameter of parameters) {
    const equals = parameter.indexOf('=');
    if (equals === -1 || withoutBlanks(parameter.slice(0, equals)).toLowerCase() !== 'charset') continue;
    return withoutBlanks(withoutBlanks(parameter.slice(equals + 1)).replaceAll('"', ''));
  }
  return undefined;
};

/**
 * What can be read as far as it names its character set is not in UTF-16, whatever it says; and `x-user-defined` is for scripts (HTML
 * standard, "prescan a byte stream").
 */
const decoderOfLabel = (label = '') => {
  if (/^utf-16/i.test(label)) return decoderOf('utf-8');
  return decoderOf(/^x-user-defined$/i.test(label) ? 'windows-1252' : label);
};

/** By the first label of the page's own that is known: in a `meta`, else in an XML declaration. */
const decoderOfPage = (type: string, bytes: Buffer) => {
  const isXml = XML.test(type);
  if (!isXml && type !== '' && !HTML.test(type)) return undefined;
  const text = bytes.toString('latin1');
  for (const label of isXml ? [] : metaCharsets(text)) {
    const decoder = decoderOfLabel(label);
    if (decoder !== undefined) return decoder;
  }
  return decoderOfLabel(xmlCharset(text)) ?? (isXml ? decoderOf('utf-8') : undefined);
};
