import type { Fault } from '../base/fault.ts';
import { type Change, escapedName } from './records.ts';

/** Whether a sentence speaks of this name, and not of a longer one that ends like it. */
const speaksOf = (sentence: string, name: string): boolean => {
  const shown = `${escapedName(name)}.`;
  for (let at = sentence.indexOf(shown); at >= 0; at = sentence.indexOf(shown, at + 1)) {
    if (!/[A-Za-z0-9_.\\-]/.test(sentence[at - 1] ?? ' ')) return true;
  }
  return false;
};

/** The parts of a batch's refusal that speak of these changes, as one text; undefined when none does. Parts are kept apart by `; `. */
export const refusalOf = (message: string, changes: readonly Change[]): string | undefined => {
  const names = [...new Set(changes.map(({ record }) => record.name))];
  const parts = message.split('; ').filter((part) => names.some((name) => speaksOf(part, name)));
  return parts.length === 0 ? undefined : parts.join('; ');
};

/**
 * Whether each of these, a site's changes each, has a part of the refusal to itself: then none of them would be taken alone. A part
 * that speaks of several may mean one of them.
 */
export const blamesEach = (message: string, items: readonly { changes: readonly Change[] }[]): boolean => {
  const alone = new Set<unknown>();
  const names = items.map(({ changes }) => [...new Set(changes.map(({ record }) => record.name))]);
  for (const part of message.split('; ')) {
    const spoken = names.filter((own) => own.some((name) => speaksOf(part, name)));
    if (spoken.length === 1) alone.add(spoken[0]);
  }
  return alone.size === items.length;
};

/** Names as Route 53 shows them, of records, zones and values alike: labels with dots between them. */
const DNS_NAMES = /[\w\\*-]+(?:\.[\w\\*-]+)+/g;

/**
 * Route 53's words when a record protection forbids the change, with its owner's comment; undefined for any other refusal. Only
 * that it names the protection is documented, not the sentence; a name in it, such as `data-protection.example.com`, says nothing.
 */
export const protectionIn = (message: string): string | undefined =>
  /\bprotect(?:ed|ion|ions)\b/i.test(message.replace(DNS_NAMES, '')) ? message : undefined;

/** The same of a fault, for one site's part of a batch. */
export const protectionOf = ({ code, message }: Fault, changes: readonly Change[]): string | undefined =>
  code === 'refused' ? protectionIn(refusalOf(message, changes) ?? '') : undefined;
