/** One request to a service: POST of a JSON text. */
export type Post = {
  /** A secret for most services: it is sent to, and told to nobody. */
  url: string;
  /** Besides the type of the body. */
  headers: Record<string, string>;
  body: string;
  /** To be signed when it is sent, by Standard Webhooks; `id` is the same at each try. */
  signed?: { id: string; key: string };
  /** A service of AWS in the function's own region: it is sent to its endpoint, and signed with the function's keys when it is sent. */
  aws?: 'events';
};

/** What the parameters of a channel hold. */
export type Values = { url?: string; key?: string; token?: string };

export const jsonPost = (url: string, body: object, headers: Record<string, string> = {}): Post => ({
  url,
  headers,
  body: JSON.stringify(body),
});

/** The first `most` characters, the last of them an ellipsis where more was there; no character is cut in two. */
export const cut = (text: string, most: number): string =>
  text.length <= most
    ? text
    : `${text
        .slice(0, most - 1)
        .replace(/[\ud800-\udbff]$/, '')
        .trimEnd()}…`;

/** Bytes of a text in UTF-8. */
export const utf8Bytes = (text: string): number => {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  return bytes;
};

/** The longest beginning whose bytes, as `bytesOf` counts them, are at most `most`. */
export const cutTo = (text: string, most: number, bytesOf: (text: string) => number = utf8Bytes): string => {
  let [fits, tooLong] = [0, text.length + 1];
  while (tooLong - fits > 1) {
    const middle = Math.floor((fits + tooLong) / 2);
    if (bytesOf(cut(text, middle)) <= most) fits = middle;
    else tooLong = middle;
  }
  return cut(text, fits);
};
