/** Elements whose content is text: a `<meta` in there is none. */
const HOLDS_TEXT = new Set([
  'script',
  'style',
  'title',
  'textarea',
  'noframes',
  'noembed',
  'xmp',
  'iframe',
  'plaintext',
]);

/** Elements of a head. Any other, and the end of the head, ends what is looked at in a page that has begun long before. */
const OF_HEAD = new Set(['script', 'noscript', 'style', 'link', 'meta', 'object', 'title', 'base']);
const BEGINS = new Set(['html', 'head']);
/** What is looked at whatever is in it (Blink, `kBytesToCheckUnconditionally`). */
const ALWAYS_BYTES = 1_024;
/** More labels than any page has, all but the last unknown. */
const MAX_LABELS = 20;

/** A tag from its `<` on, up to what ends it: text in quotes may hold a `>`. */
const TAG = /<(\/?)([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)/iy;
const ATTRIBUTE = /([^\s"'/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?/g;
const COMMENT_END = /--!?>/g;

/**
 * The labels by which a page names its own character set, in its order, as Chromium looks for them: `<meta charset>` and
 * `<meta http-equiv="content-type">`, not those in comments and scripts. The whole head is looked at, however long it is. `start` is
 * the beginning of the page, byte by byte.
 */
export const metaCharsets = (start: string): string[] => {
  const labels: string[] = [];
  const small = start.toLowerCase();
  let isHead = true;
  for (let at = start.indexOf('<'); at !== -1; at = start.indexOf('<', at)) {
    if ((!isHead && at >= ALWAYS_BYTES) || labels.length >= MAX_LABELS) break;
    if (/^<(?:[!?]|\/[^a-z])/i.test(start.slice(at, at + 3))) {
      at = endOfComment(start, at);
      if (at === -1) break;
      continue;
    }
    TAG.lastIndex = at;
    const [whole = '<', isEnd = '', name = '', attributes = ''] = TAG.exec(start) ?? [];
    at += whole.length;
    if (name === '') continue;
    if (start[at] !== '>') break;
    const element = name.toLowerCase();
    isHead &&= OF_HEAD.has(element) || (isEnd === '' && BEGINS.has(element));
    if (isEnd !== '') continue;
    if (element === 'meta') labels.push(...charsetOfMeta(attributes));
    if (!HOLDS_TEXT.has(element)) continue;
    at = small.indexOf(`</${element}`, at);
    if (at === -1) break;
  }
  return labels;
};

/** Where a comment (`<!-->` and `<!--->` are whole ones), or what a browser takes for one (`<?php >`, `<![if IE]>`), ends; -1 if it does not. */
const endOfComment = (start: string, at: number): number => {
  if (!start.startsWith('<!--', at)) return start.indexOf('>', at);
  if (/^-?>/.test(start.slice(at + 4, at + 6))) return at + 4;
  COMMENT_END.lastIndex = at + 4;
  return COMMENT_END.exec(start) === null ? -1 : COMMENT_END.lastIndex;
};

/** The label in an XML declaration at the very beginning, in quotes, as Chromium reads it. */
export const xmlCharset = (start: string): string | undefined => {
  if (!start.startsWith('<?xml')) return undefined;
  const declaration = start.slice(0, start.indexOf('>') + 1);
  const [, double, single] = /encoding[\0-\x20]*=[\0-\x20]*(?:"([^"]*)"|'([^']*)')/.exec(declaration) ?? [];
  return double ?? single;
};

const charsetOfMeta = (text: string): string[] => {
  const found = [...text.matchAll(ATTRIBUTE)].map(([, name = '', ...values]) => [
    name.toLowerCase(),
    values.find((value) => value !== undefined) ?? '',
  ]);
  // The last of two attributes with one name counts, while Chromium looks for this alone.
  const attributes = new Map(found as [string, string][]);
  const charset = attributes.get('charset');
  if (charset !== undefined) return [charset.trim()];
  const isSaid = found.some(
    ([name, value]) => name === 'http-equiv' && value?.toLowerCase() === 'content-type',
  );
  if (!isSaid) return [];
  const [, quoted, single, bare] =
    /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i.exec(attributes.get('content') ?? '') ?? [];
  return [quoted ?? single ?? bare ?? ''].filter((label) => label !== '');
};
