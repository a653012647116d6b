/** Elements whose content is text: a `<meta` in there is none. */
const HOLDS_TEXT = new Set(['script', 'style', 'title', 'textarea', 'noscript', 'noframes', 'xmp', 'iframe']);

/** A tag from its `<` on, up to what ends it: text in quotes may hold a `>`. */
const TAG = /<([a-z][^\s/>]*)((?:"[^"]*"|'[^']*'|[^>"'])*)/iy;
const ATTRIBUTE = /([^\s"'/=]+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"']+)))?/g;

/**
 * The labels by which a page names its own character set, in its order (HTML standard, "prescan a byte stream", as Chromium
 * does it): `<meta charset>` and `<meta http-equiv="content-type">`, not those in comments and scripts. `start` is the
 * beginning of the page, byte by byte.
 */
export const metaCharsets = (start: string): string[] => {
  const labels: string[] = [];
  for (let at = start.indexOf('<'); at !== -1; at = start.indexOf('<', at)) {
    if (start.startsWith('<!--', at)) {
      at = start.indexOf('-->', at + 2);
      if (at === -1) break;
      continue;
    }
    TAG.lastIndex = at;
    const [whole = '<', name = '', attributes = ''] = TAG.exec(start) ?? [];
    at += whole.length;
    if (name === '') continue;
    if (start[at] !== '>') break;
    const element = name.toLowerCase();
    if (element === 'meta') labels.push(...charsetOfMeta(attributes));
    if (!HOLDS_TEXT.has(element)) continue;
    at = start.toLowerCase().indexOf(`</${element}`, at);
    if (at === -1) break;
  }
  return labels;
};

const charsetOfMeta = (text: string): string[] => {
  const found = [...text.matchAll(ATTRIBUTE)].map(([, name = '', ...values]) => [
    name.toLowerCase(),
    values.find((value) => value !== undefined) ?? '',
  ]);
  // The first of two attributes with one name counts.
  const attributes = new Map(found.reverse() as [string, string][]);
  const charset = attributes.get('charset');
  if (charset !== undefined) return [charset.trim()];
  if (attributes.get('http-equiv')?.toLowerCase() !== 'content-type') return [];
  const [, quoted, single, bare] =
    /charset\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"']+))/i.exec(attributes.get('content') ?? '') ?? [];
  return [quoted ?? single ?? bare ?? ''].filter((label) => label !== '');
};
