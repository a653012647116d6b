import { canonicalAddress } from '../base/address.ts';

/**
 * A record set as Route 53 lists it. Names are normalised by `normaliseName`; values are verbatim, TXT quotes included,
 * because a DELETE must match them exactly.
 */
export type RecordSet = {
  name: string;
  type: string;
  /** Absent on alias records. */
  ttlSeconds?: number;
  values: string[];
  /** On alias records, instead of TTL and values. */
  alias?: Alias;
  /** Set when this is not a simple record (`weighted`, `failover`, …): a shape that is never ours. */
  routing?: string;
};

/** Where an alias record points. The name is normalised, and so compares without regard to case and trailing dot. */
export type Alias = { name: string; zoneId: string; evaluateTargetHealth: boolean };

/** A value as it is compared: addresses, not their letters; host names without regard to case and to the trailing dot. */
const comparable = (value: string): string => canonicalAddress(value).toLowerCase().replace(/\.$/, '');

/** What a record at a site's names holds, as one text for comparison; equal texts mean the same to visitors, TTL aside. */
export const contentOf = ({ values, alias }: RecordSet): string =>
  alias === undefined
    ? values.map(comparable).sort().join(' ')
    : `alias ${alias.zoneId} ${comparable(alias.name)} ${alias.evaluateTargetHealth}`;

export type Change = { action: 'CREATE' | 'DELETE'; record: RecordSet };

/** Record types that we create and delete at a site's names; the role record is a TXT. */
export const SITE_RECORD_TYPES = ['A', 'AAAA', 'CNAME'] as const;

const octal = (byte: number): string => `\\${byte.toString(8).padStart(3, '0')}`;

/** Visible ASCII, apart from the two characters that would change the meaning of a name: the dot and the backslash. */
const isPlain = (byte: number): boolean => byte > 0x20 && byte < 0x7f && byte !== 0x2e && byte !== 0x5c;

/**
 * One spelling for each DNS name, so that names can be compared: lower case, no trailing dot, octal escapes undone
 * (`\052.Example.COM.` is `*.example.com`). What cannot be written plainly without ambiguity keeps its escape: bytes
 * outside visible ASCII, a backslash (`\134`), and a dot inside a label (`\056`).
 */
export const normaliseName = (name: string): string => {
  if (/^[a-z0-9_*-]+(\.[a-z0-9_*-]+)*$/.test(name)) return name;
  const undotted = name.endsWith('.') ? name.slice(0, -1) : name;
  return undotted.replace(/\\([0-3][0-7]{2})|[^a-z0-9._*-]/gu, (character, digits: string | undefined) => {
    const bytes = digits === undefined ? new TextEncoder().encode(character) : [Number.parseInt(digits, 8)];
    return Array.from(bytes, (byte) =>
      isPlain(byte) ? String.fromCharCode(byte).toLowerCase() : octal(byte),
    ).join('');
  });
};

/**
 * A name as AWS spells it in the condition key `route53:ChangeResourceRecordSetsNormalizedRecordNames`, and, with a dot
 * appended, in listings: everything but `a-z 0-9 - _ .` is an octal escape, so `*.example.com` is `\052.example.com`.
 */
export const escapedName = (name: string): string =>
  normaliseName(name).replace(/\\[0-3][0-7]{2}|[^a-z0-9._-]/g, (part) =>
    part.length > 1 ? part : octal(part.charCodeAt(0)),
  );
