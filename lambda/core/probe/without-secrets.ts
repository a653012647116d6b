import { asShown } from './outcome.ts';
import type { ProbeRequest } from './request.ts';

/** Shorter words of a secret (`Basic`) are too common to be taken out, and too short to be one. */
const SECRET_WORD_CHARACTERS = 6;
/** The longest way to write one character (`%f0%9f%98%80`). */
const LONGEST_FORM = 12;
/** What stands between the parts of a secret: `Token token="…"`, `user:…`, `a=1;b=…`, JSON. */
const BETWEEN = /[\s"'`=,;:&|<>(){}[\]]+/;

/** Headers that were sent, and which of them are secrets. */
type Sent = Pick<ProbeRequest, 'headers' | 'secretHeaders'>;

/**
 * The first `most` characters of `given` as it is shown, or a few more, without the secrets that were sent along, for a server may
 * repeat in its answer what it was told, or a word of it: in capitals or small letters, as it is, as a URL, JSON or
 * HTML writes it, or in a mixture of these. Any other way to write it, such as base64 or a part of a word, is not
 * recognised.
 *
 * A server chooses the text and knows the secret. So but for making one blank of many the work is bounded by `most` and the length of
 * the secrets alone: no place is looked at that is not shown, and at each a secret is followed in two ways at most.
 */
export const withoutSecrets = (given: string, request: Sent, most: number): string => {
  if (request.secretHeaders === undefined) return given;
  const secrets = secretsOf(request);
  if (secrets.length === 0) return given;
  // As it will be shown: what is made alike afterwards could make a secret of what was none.
  const longest = LONGEST_FORM * Math.max(...secrets.map(({ length }) => length));
  const all = given.replace(/\s+/g, ' ');
  const near = all.slice(0, 2 * most + longest);
  const text = asShown(near);
  // Where more follows, the end may be the beginning of a secret.
  const last = near.length < all.length ? text.length - longest : text.length;
  let shown = '';
  for (let at = 0; at < last && shown.length < most; ) {
    const end = Math.max(...secrets.map((secret) => endOf(secret, text, at)));
    shown += end > at ? '(secret)' : text[at];
    at = Math.max(end, at + 1);
  }
  return shown;
};

/** A secret as what each of its characters may be written as. */
type Secret = string[][];

const secretsOf = ({ headers, secretHeaders = [] }: Sent): Secret[] => {
  const values = secretHeaders.flatMap((name) => {
    const value = asShown(headers[name] ?? '');
    const parts = [...value.split(' '), ...value.split(BETWEEN)];
    return [value, ...parts.filter((part) => part.length >= SECRET_WORD_CHARACTERS)];
  });
  return [...new Set(values)]
    .filter((value) => value !== '')
    .map((value) => value.toLowerCase().split('').map(formsOf));
};

/**
 * Where a secret that is written at `at` ends; `at` if it is not there. A sign may be the beginning of how another way
 * writes it (`\` of `\\`), so there may be several ends so far. The nearest and the furthest are followed: those of a
 * writer that escapes nothing, or all.
 */
const endOf = (secret: Secret, text: string, at: number): number => {
  let ends = [at];
  for (const forms of secret) {
    const next = ends
      .flatMap((end) => (end > at && GAPS.includes(text[end] ?? '') ? [end, end + 1] : end))
      .flatMap((end) => forms.flatMap((form) => (isWritten(form, text, end) ? end + form.length : [])));
    if (next.length === 0) return at;
    ends = next.length === 1 ? next : [...new Set([Math.min(...next), Math.max(...next)])];
  }
  return Math.max(...ends);
};

/** What may stand between two of its signs: a line that goes on in the next one is shown with a blank, what cannot be shown as a `?`. */
const GAPS = [' ', '?'];

const isWritten = (form: string, text: string, at: number): boolean =>
  text.slice(at, at + form.length).toLowerCase() === form;

/** How HTML names those signs that have a meaning in it. */
const NAMED: Record<string, string> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/**
 * A letter or sign as it is, in a URL, in JSON, in HTML, and as what cannot be decoded is shown; all in small letters, which are the same in
 * capitals but for their numbers.
 */
const formsOf = (sign: string): string[] => {
  const capital = sign.toUpperCase();
  if (/[a-z0-9]/.test(sign))
    return [sign, ...numbersOf(sign), ...(capital === sign ? [] : numbersOf(capital))];
  const code = sign.charCodeAt(0);
  const hex = code.toString(16);
  return [
    ...(NAMED[sign] === undefined ? [] : [NAMED[sign]]),
    ...numbersOf(sign),
    ...(code < 0x80 ? [] : [encodeURIComponent(sign).toLowerCase()]),
    `\\${sign}`,
    sign,
    ...(sign === ' ' ? ['+'] : []),
    // As URLs are written anew.
    ...(sign === '\\' ? ['/'] : []),
    ...(code < 0x80 ? [] : [`%${hex}`, '\ufffd']),
  ];
};

/** As HTML, JSON and URLs write a sign by its number. */
const numbersOf = (sign: string): string[] => {
  const code = sign.charCodeAt(0);
  const hex = code.toString(16);
  const byte = code < 0x80 ? [`%${hex.padStart(2, '0')}`] : [];
  return [`&#${code};`, `&#0${code};`, `&#x${hex};`, `\\u${hex.padStart(4, '0')}`, ...byte];
};
