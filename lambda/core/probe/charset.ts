import type { Headers } from './blocked.ts';
import { withoutBlanks } from './head-lines.ts';
import { metaCharsets } from './meta.ts';

/** Marks at the beginning of a text (byte order marks), and what they say. They win over everything else. */
const MARKS: readonly (readonly [mark: string, label: string])[] = [
  ['\u00ef\u00bb\u00bf', 'utf-8'],
  ['\u00ff\u00fe', 'utf-16le'],
  ['\u00fe\u00ff', 'utf-16be'],
];

/** How far into a page its own word on its character set is looked for (HTML standard, "prescan a byte stream"). */
const META_BYTES = 1_024;

/**
 * A body as text, read as a browser reads it: by its mark, by the header, for a page by its `meta`. Where nothing is said it is UTF-8,
 * which is what checks and interfaces mean; what is no UTF-8 is windows-1252, as to browsers. The mark itself is left out.
 */
export const textOf = (bytes: Buffer, headers: Headers): string => {
  const start = bytes.toString('latin1', 0, META_BYTES);
  const types = [headers['content-type'] ?? []].flat();
  const type = types.at(-1) ?? '';
  const marked = MARKS.find(([mark]) => start.startsWith(mark))?.[1];
  const decoder = decoderOf(marked) ?? decoderOf(charsetOf(types)) ?? decoderOfPage(type, start);
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
const decoderOf = (label: string | undefined): { decode(bytes: Buffer): string } | undefined => {
  if (label === undefined) return undefined;
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

/** The first label of the page's own that is known. One that can be read as far as its `meta` is not in UTF-16, whatever that says. */
const decoderOfPage = (type: string, start: string) => {
  if (type !== '' && !/^\s*(text\/html|application\/xhtml)/i.test(type)) return undefined;
  for (const label of metaCharsets(start)) {
    const decoder = decoderOf(label.toLowerCase().startsWith('utf-16') ? 'utf-8' : label);
    if (decoder !== undefined) return decoder;
  }
  return undefined;
};
