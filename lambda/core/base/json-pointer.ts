/** What `pointer` (RFC 6901) leads to in `document`; undefined when it leads nowhere, which no JSON value is. */
export const valueAt = (document: unknown, pointer: string): unknown =>
  pointer
    .split('/')
    .slice(1)
    .map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce<unknown>((value, token) => {
      if (typeof value !== 'object' || value === null) return undefined;
      // An array has a `length` of its own, and no index is written with a sign or a leading zero.
      if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(token)) return undefined;
      return Object.hasOwn(value, token) ? (value as Record<string, unknown>)[token] : undefined;
    }, document);

/** Empty for the whole document, else tokens that each begin with `/`, in which `~` is written `~0` and `/` is written `~1`. */
export const isPointer = (text: string): boolean => /^(\/([^~/]|~[01])*)*$/.test(text);
