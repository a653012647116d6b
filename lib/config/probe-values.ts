import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { nameRefusal } from './names.ts';
import { expected, received } from './problems.ts';
import { HEADER_NAME, headerRefusal, patternRefusal } from './values.ts';

const isStatus = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599;

/** What is wrong with `value` as a status that is expected, or a range of them. */
export const statusRefusal = (value: unknown): string | undefined => {
  if (typeof value !== 'string') {
    const wayOut = "write it as a number, or a range as text: '200-299'";
    return isStatus(value) ? undefined : expected('an HTTP status from 100 to 599', value, wayOut);
  }
  const [, first, last] = /^(\d{3})-(\d{3})$/.exec(value) ?? [];
  const [from, to] = [Number(first), Number(last)];
  if (isStatus(from) && isStatus(to) && from <= to) return undefined;
  return expected(
    "a range of HTTP statuses from 100 to 599 such as '200-299'",
    value,
    'write a range as text with the lower status first, and a single status as a number',
  );
};

/** What is wrong with one header that is sent: text, or `{ secret: PARAMETER }`. Values are not repeated. */
export const sentHeaderRefusal = (name: string, value: unknown): string | undefined => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return headerRefusal(name, value);
  const keys = Object.keys(value);
  if (keys.length !== 1 || keys[0] !== 'secret') {
    return `Expected the header's value to be text or { secret: '/name/of/parameter' }, received ${received(value)}; name the SSM parameter that holds it.`;
  }
  return headerRefusal(name, '') ?? parameterRefusal((value as { secret: unknown }).secret);
};

/** Systems Manager guide, "Requirements and constraints for parameter names": one name, or up to 15 steps after a slash. */
const PARAMETER = /^(?!\/?(aws|ssm))(?:[\w.-]+|(?:\/[\w.-]+){1,15})$/i;
/** What is left of 1,011 characters for the whole ARN. */
const PARAMETER_LENGTH_MAX = 900;

/** What is wrong with `value` as the name of an SSM parameter. */
export const parameterRefusal = (value: unknown): string | undefined =>
  typeof value === 'string' && value.length <= PARAMETER_LENGTH_MAX && PARAMETER.test(value)
    ? undefined
    : expected(
        'the name of an SSM parameter such as /switchover/probe-key',
        value,
        'write its name, not its value or ARN: letters, digits and . _ - after each /, and no name that begins with aws or ssm',
      );

/** What is wrong with one header that is expected. */
export const expectedHeaderRefusal = (name: string, rule: unknown): string | undefined => {
  if (!HEADER_NAME.test(name)) {
    return expected('a header name of letters, digits and hyphens', name, 'correct the name');
  }
  if (typeof rule === 'boolean' || typeof rule === 'string') return undefined;
  const { matches, ...others } = Object(rule) as Record<string, unknown>;
  if (matches === undefined || Object.keys(others).length > 0) {
    return expected(
      "text, { matches: 'PATTERN' }, true or false",
      rule,
      'say what the header equals or matches, or whether it must be there',
    );
  }
  return patternRefusal(matches);
};

/** What is wrong with `value` as a host, or an address, to which a redirect may lead. */
export const redirectHostRefusal = (value: unknown, local: boolean): string | undefined => {
  if (typeof value === 'string' && isIP(value) !== 0) return undefined;
  return nameRefusal(value, 'a host name such as login.example.co.uk', local);
};

/** An event for a prober holds up to 150 probes, each with its authorities, and Lambda takes no more than 6 MB. */
const AUTHORITY_LENGTH_MAX = 16_384;
const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What is wrong with `value` as certificate authorities. A file has been read before, unless it cannot be. */
export const authorityRefusal = (value: unknown): string | undefined => {
  const allowed = 'certificates in PEM';
  const file = (Object(value) as { file?: unknown }).file;
  if (typeof file === 'string') {
    return `Expected a file of ${allowed}, received ${JSON.stringify(file)}, which cannot be read; its path starts at the configuration file.`;
  }
  if (typeof value !== 'string') {
    return expected(allowed, value, "paste them, or name their file: { file: 'ca.pem' }");
  }
  if (/PRIVATE KEY/.test(value)) {
    return `Expected ${allowed}, received a private key; take it out, probers need the certificate alone.`;
  }
  if (value.length > AUTHORITY_LENGTH_MAX) {
    return `Expected ${allowed} of at most ${AUTHORITY_LENGTH_MAX} characters, received ${value.length}; keep the authority that signed the site's certificates.`;
  }
  const found = value.match(CERTIFICATE) ?? [];
  const broken = found.findIndex((pem) => !isCertificate(pem));
  if (found.length > 0 && broken === -1) return undefined;
  const what = found.length === 0 ? 'text without any' : `one that cannot be read, number ${broken + 1}`;
  return `Expected ${allowed}, received ${what}; paste them whole, from BEGIN CERTIFICATE to END CERTIFICATE, or name their file: { file: 'ca.pem' }.`;
};

const isCertificate = (pem: string): boolean => {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
};
