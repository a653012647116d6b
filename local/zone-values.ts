import { isIPv4, isIPv6 } from 'node:net';
import { parseSvcb } from './svcb.ts';

/**
 * Record types that this zone model checks and answers. Route 53 has more (DS, NAPTR, TLSA, SSHFP); those are refused
 * here rather than stored unchecked.
 */
export const RECORD_TYPES = [
  ...(['A', 'AAAA', 'CAA', 'CNAME', 'HTTPS', 'MX', 'NS', 'PTR', 'SOA', 'SRV', 'SVCB', 'TXT'] as const),
];

/** Longest string inside a TXT value, and longest TXT value, in characters (facts: R53G ResourceRecordTypes). */
const TXT_STRING_MAX = 255;
const TXT_VALUE_MAX = 4000;

const NOT_QUOTED = 'InvalidCharacterString (Value should be enclosed in quotation marks)';
const TOO_LONG = 'CharacterStringTooLong (Value is too long)';
const UNSUPPORTED = 'UnsupportedCharacter (Value contains unsupported characters)';

/**
 * The strings of a TXT value such as `"a b" "c\"d"`, as bytes, or the problem with it in Route 53's words. Inside the
 * quotes a backslash escapes a character or starts three octal digits.
 */
export const parseTxt = (value: string): { strings: Uint8Array[] } | { problem: string } => {
  if (!/^\s*"(?:[^"\\]|\\.)*"(?:\s+"(?:[^"\\]|\\.)*")*\s*$/s.test(value)) return { problem: NOT_QUOTED };
  if (/[^\x20-\x7e]/.test(value)) return { problem: UNSUPPORTED };
  const quoted = value.match(/"(?:[^"\\]|\\.)*"/g) ?? [];
  const strings = quoted.map((text) =>
    Uint8Array.from(text.slice(1, -1).match(/\\[0-3][0-7]{2}|\\?./g) ?? [], (part) =>
      part.length === 4 ? Number.parseInt(part.slice(1), 8) : part.charCodeAt(part.length - 1),
    ),
  );
  const tooLong = value.length > TXT_VALUE_MAX || strings.some((bytes) => bytes.length > TXT_STRING_MAX);
  return tooLong ? { problem: TOO_LONG } : { strings };
};

/** The problem with a domain name in Route 53's words, or undefined. The name may be escaped and may end with a dot. */
export const nameProblem = (name: string): string | undefined => {
  if (/[^\x21-\x7e]/.test(name)) return UNSUPPORTED;
  const labels = name
    .replace(/\.$/, '')
    .replace(/\\[0-3][0-7]{2}/g, 'x')
    .split('.');
  if (name === '' || labels.some((label) => label === '')) return 'DomainLabelEmpty (Domain label is empty)';
  if (labels.some((label) => label.length > 63)) return 'DomainLabelTooLong (Domain label is too long)';
  const wireLength = labels.reduce((sum, label) => sum + label.length + 1, 1);
  return wireLength > 255 ? 'DomainNameTooLong (Domain name is too long)' : undefined;
};

const isNumber = (text: string, max: number): boolean => /^\d{1,10}$/.test(text) && Number(text) <= max;

const addressProblem = (value: string, type: 'A' | 'AAAA'): string | undefined => {
  if (/\s/.test(value)) return `${type}RRDATANotSingleField (Value contains spaces)`;
  if (type === 'A') {
    return isIPv4(value) ? undefined : 'ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)';
  }
  const valid = isIPv6(value) && !value.includes('%');
  return valid ? undefined : 'AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)';
};

/** The fields of a value, quoted strings kept whole. */
export const fieldsOf = (value: string): string[] => value.match(/"(?:[^"\\]|\\.)*"|\S+/g) ?? [];

/**
 * Values of several fields: how many, their names in the error, and what each must be. The MX text was seen from the
 * real service; those of SRV, CAA and SOA are built alike.
 */
const FIELDS: Record<
  string,
  { count: number; words: string; check: (fields: string[]) => string | undefined }
> = {
  MX: {
    count: 2,
    words: 'Two',
    check: ([priority, host]) =>
      isNumber(priority!, 65_535) ? nameProblem(host!) : 'MXRRDATAIllegalPriority (MX priority is not valid)',
  },
  SRV: {
    count: 4,
    words: 'Four',
    check: ([priority, weight, port, host]) =>
      [priority, weight, port].every((field) => isNumber(field!, 65_535))
        ? nameProblem(host!)
        : 'SRVRRDATAIllegalNumber (SRV priority, weight or port is not valid)',
  },
  CAA: {
    count: 3,
    words: 'Three',
    check: ([flags, tag, value]) => {
      if (!isNumber(flags!, 255)) return 'CAARRDATAIllegalFlags (CAA flags are not valid)';
      if (!/^[a-z0-9]{1,15}$/i.test(tag!)) return 'CAARRDATAIllegalTag (CAA tag is not valid)';
      const text = parseTxt(value!);
      return 'problem' in text ? text.problem : undefined;
    },
  },
  SOA: {
    count: 7,
    words: 'Seven',
    check: ([primary, mailbox, ...numbers]) =>
      nameProblem(primary!) ??
      nameProblem(mailbox!) ??
      (numbers.every((field) => isNumber(field, 4_294_967_295))
        ? undefined
        : 'SOARRDATAIllegalNumber (SOA number is not valid)'),
  },
};

/** Built alike; the real words have not been seen. */
const svcbProblem = (type: string, value: string): string | undefined => {
  const parsed = parseSvcb(value);
  if (parsed === undefined) return `${type}RRDATAIllegal (${type} record is not valid)`;
  return parsed.target === '.' ? undefined : nameProblem(parsed.target);
};

const problemOf = (type: string, value: string): string | undefined => {
  if (type === 'A' || type === 'AAAA') return addressProblem(value, type);
  if (type === 'TXT') {
    const text = parseTxt(value);
    return 'problem' in text ? text.problem : undefined;
  }
  if (type === 'HTTPS' || type === 'SVCB') return svcbProblem(type, value);
  const shape = FIELDS[type];
  if (shape === undefined) return nameProblem(value);
  const fields = fieldsOf(value);
  return fields.length === shape.count
    ? shape.check(fields)
    : `${type}RRDATANot${shape.words}Fields (${type} record doesn't have ${shape.count} fields)`;
};

/** Route 53's message about a value that its type does not allow, or undefined. */
export const valueMessage = (type: string, value: string): string | undefined => {
  const problem = problemOf(type, value);
  return problem && `Invalid Resource Record: 'FATAL problem: ${problem} encountered with '${value}''`;
};
