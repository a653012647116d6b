import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { expected } from './problems.ts';

/** Bytes of a name on the wire, with a length byte for each label and for the root (RFC 1035, 3.1). */
export const wireBytes = (name: string): number => name.length + 2;
/** RFC 1035, 2.3.4. */
export const NAME_BYTES_MAX = 255;
const LABEL_BYTES_MAX = 63;
/** Underscores occur in names that people have to live with; at a label's start they mark records of another kind. */
const LABEL = /^[a-z0-9](?:[a-z0-9_-]*[a-z0-9])?$/;

/** Lower case, no trailing dot. */
export const canonicalName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

/**
 * What is wrong with `value` as `what` (`a record name such as …`), as a sentence. A name of a single label is a top-level
 * domain, or a name that only this machine knows: it passes with `singleLabel`.
 */
export const nameRefusal = (value: unknown, what: string, singleLabel = false): string | undefined => {
  if (typeof value !== 'string' || value.trim() === '')
    return expected(what, value, 'write the name in full');
  const name = canonicalName(value);
  const wayOut = shapeTrouble(name) ?? labelTrouble(name, singleLabel);
  return wayOut === undefined ? undefined : expected(what, value, wayOut);
};

const shapeTrouble = (name: string): string | undefined => {
  if (isIP(name.replace(/^\[|\]$/g, '')) !== 0) return 'this is an address, which has no records of its own';
  if (name.includes('*')) {
    return 'a wildcard stands for names without end, of which none can be probed or looked up, so write out each name that is meant, without the star';
  }
  if (name.includes('/')) return 'leave out scheme and path';
  if (name.includes(':')) return 'leave out the port, which belongs in `probe.url`';
  if (/[^\0-\x7f]/.test(name)) {
    const ascii = domainToASCII(name);
    return ascii === '' ? 'write it in its ASCII (xn--) form' : `write it in its ASCII form, ${ascii}`;
  }
  return undefined;
};

const labelTrouble = (name: string, singleLabel: boolean): string | undefined => {
  const labels = name.split('.');
  if (labels.some((label) => label.startsWith('_'))) {
    return 'labels that begin with an underscore are kept for records of other kinds, `_switchover.NAME` among them';
  }
  const long = labels.find((label) => label.length > LABEL_BYTES_MAX);
  if (long !== undefined)
    return `the label ${long} has ${long.length} bytes, and DNS allows ${LABEL_BYTES_MAX}`;
  if (!labels.every((label) => LABEL.test(label))) {
    return 'each label may hold letters, digits, hyphens and inner underscores, and begins and ends with a letter or digit';
  }
  if (wireBytes(name) > NAME_BYTES_MAX) {
    return `it has ${wireBytes(name)} bytes on the wire, and DNS allows ${NAME_BYTES_MAX}`;
  }
  if (labels.length === 1 && !singleLabel) return 'write the name in full, with its domain';
  if (labels.length > 1 && /^\d+$/.test(labels.at(-1) ?? '')) return 'its last label must not be a number';
  return undefined;
};

/** The zone that holds `name`: of those at or above it the one with the longest name. All names are canonical. */
export const zoneOf = (name: string, zones: ReadonlySet<string>): string | undefined => {
  const labels = name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.')).find((parent) => zones.has(parent));
};
