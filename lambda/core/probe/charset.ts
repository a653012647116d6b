import type { Headers } from './blocked.ts';
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
  const type = [headers['content-type'] ?? []].flat().at(-1) ?? '';
  const marked = MARKS.find(([mark]) => start.startsWith(mark))?.[1];
  const decoder = decoderOf(marked) ?? decoderOf(charsetIn(type)) ?? decoderOfPage(type, start);
  if (decoder !== undefined) return decoder.decode(bytes);
  try {
    // A letter that the bound has cut in two is no sign of another character set.
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true });
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
};

/** A label that nobody knows says nothing. */
const decoderOf = (label: string | undefined) => {
  if (label === undefined) return undefined;
  try {
    return new TextDecoder(label);
  } catch {
    return undefined;
  }
};

const charsetIn = (text: string): string | undefined => /charset\s*=\s*["']?\s*([\w.:-]+)/i.exec(text)?.[1];

/** The first label of the page's own that is known. One that can be read as far as its `meta` is not in UTF-16, whatever that says. */
const decoderOfPage = (type: string, start: string) => {
  if (type !== '' && !/^\s*(text\/html|application\/xhtml)/i.test(type)) return undefined;
  for (const label of metaCharsets(start)) {
    const decoder = decoderOf(label.toLowerCase().startsWith('utf-16') ? 'utf-8' : label);
    if (decoder !== undefined) return decoder;
  }
  return undefined;
};
