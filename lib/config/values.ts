import { isIP } from 'node:net';
import { domainToASCII } from 'node:url';
import { canonicalName, nameRefusal } from './names.ts';
import { expected, received } from './problems.ts';

const PARTITION_REGION = /^[a-z]{2}(-[a-z]+)+-\d{1,2}$/;

/** What is wrong with `value` as an AWS region, judged by its shape: a list of regions would be out of date soon. */
export const regionRefusal = (value: unknown): string | undefined => {
  if (typeof value === 'string' && PARTITION_REGION.test(value)) return undefined;
  const zoneLetter = typeof value === 'string' && PARTITION_REGION.test(value.slice(0, -1));
  return expected(
    'an AWS region such as eu-west-2',
    value,
    zoneLetter
      ? `that is an availability zone, so write ${value.slice(0, -1)}`
      : 'write its code, as in the list of regions in the AWS console',
  );
};

/**
 * One mailbox, nothing around it. What it may hold is SNS's business; this catches slips of the hand, and letters that mail does not
 * carry from sender to reader unless every server between them knows SMTPUTF8 (RFC 6531).
 */
const EMAIL = /^[^\s@<>,;:"()]+@[^\s@<>,;:"()]+\.[^\s@<>,;:"().]+$/;
/** RFC 5321, 4.5.3.1.3, less the angle brackets. */
const EMAIL_LENGTH_MAX = 254;

/** What is wrong with `value` as an e-mail address, as a sentence. */
export const emailRefusal = (value: unknown): string | undefined => {
  const isAddress = typeof value === 'string' && value.length <= EMAIL_LENGTH_MAX && EMAIL.test(value);
  if (isAddress && /^[\x21-\x7e]+$/.test(value)) return undefined;
  return expected(
    'an e-mail address such as ops@example.co.uk',
    value,
    isAddress ? asciiWayOut(value) : 'write the bare address, without a name around it',
  );
};

/** A domain has a spelling in ASCII; what stands before the @ has none. */
const asciiWayOut = (address: string): string => {
  const [, mailbox = '', domain = ''] = /^(.*)@(.*)$/.exec(address) ?? [];
  const ascii = domainToASCII(domain);
  return /^[\x21-\x7e]+$/.test(mailbox) && ascii !== ''
    ? `write its domain in ASCII: ${mailbox}@${ascii}`
    : 'only ASCII letters arrive there, so use another address of the same person';
};

/** What is wrong with `value` as the URL that a probe asks for. Passwords are not repeated. */
export const urlRefusal = (value: unknown, local: boolean): string | undefined => {
  const allowed = 'an http or https URL such as https://www.example.co.uk/healthz';
  const url = typeof value === 'string' ? URL.parse(value) : null;
  if (url === null || !/^(https?|tls|tcp):$/.test(url.protocol)) {
    const wayOut = authorityTrouble(value) ?? 'write scheme, host and path in full';
    const shown = typeof value === 'string' && value.includes('@') ? 'text with an @' : received(value);
    return `Expected ${allowed}, received ${shown}; ${wayOut}.`;
  }
  if (url.username !== '' || url.password !== '') {
    return `Expected ${allowed}, received one with a user name or password; send it in \`probe.headers\` as authorization instead.`;
  }
  if (url.hash !== '') return expected(allowed, value, `drop ${url.hash}, which is never sent to a server`);
  if (isIP(url.hostname.replace(/^\[|\]$/g, '')) !== 0) {
    return expected(
      allowed,
      value,
      'write the host that visitors type; the address to connect to comes from `servers`',
    );
  }
  return bareRefusal(url) ?? nameRefusal(url.hostname, `${allowed} with a host name`, local);
};

/** What is wrong with `value` as the URL of a reference, which is found by its name as visitors find theirs. */
export const referenceRefusal = (value: unknown, local: boolean): string | undefined => {
  const host = (typeof value === 'string' ? URL.parse(value) : null)?.hostname ?? '';
  return isIP(host.replace(/^\[|\]$/g, '')) === 0
    ? urlRefusal(value, local)
    : expected('a URL with a host name', value, 'a reference is looked up by its name, so write that');
};

/** What keeps host and port of a URL from being read, as far as it can be told. */
const authorityTrouble = (value: unknown): string | undefined => {
  const [, authority = ''] =
    /^\w+:\/\/(?:[^/?#]*@)?([^/?#]*)/.exec(typeof value === 'string' ? value : '') ?? [];
  if (isIP(authority) === 6 || (authority.match(/:/g) ?? []).length > 1) {
    return 'that is no host and port: an IPv6 address belongs in `servers`, and here the host that visitors type';
  }
  const [, port] = /:(.*)$/.exec(authority) ?? [];
  if (port === undefined || (/^\d+$/.test(port) && Number(port) <= 65_535)) return undefined;
  return 'its port must be a number from 1 to 65535';
};

/** What is wrong with the URL of a probe that ends before anything is asked for. */
const bareRefusal = (url: URL): string | undefined => {
  if (/^https?:$/.test(url.protocol)) return undefined;
  const allowed = `${url.protocol}//HOST:PORT`;
  if (url.port === '') return expected(allowed, url.href, 'write the port');
  return /^\/?$/.test(url.pathname) && url.search === ''
    ? undefined
    : expected(allowed, url.href, 'nothing is asked for, so drop what follows the port');
};

/** What is wrong with `value` as the address of a service. On one machine it may be on this one, without TLS. */
export const serviceRefusal = (value: unknown, local: boolean): string | undefined => {
  const allowed = 'the https URL of a service such as https://events.eu.pagerduty.com';
  const url = typeof value === 'string' ? URL.parse(value) : null;
  const isPlain = url?.protocol === 'https:' || (local && url?.protocol === 'http:');
  if (url === null || !isPlain)
    return expected(allowed, url === null ? value : `${url.protocol}//…`, 'write scheme and host in full');
  if (url.username === '' && url.password === '' && url.search === '' && url.hash === '') return undefined;
  return `Expected ${allowed}, received one with a password, a query or a fragment; a key belongs in a parameter.`;
};

/** The name is at most 256 characters; those of partners have slashes, and nobody but they may put events there (API reference). */
const BUS = /^arn:aws(-[a-z]+)*:events:[a-z0-9-]+:\d{12}:event-bus\/[\w.-]{1,256}$/;

/** What is wrong with `value` as an event bus. */
export const busRefusal = (value: unknown): string | undefined =>
  value === true || (typeof value === 'string' && BUS.test(value))
    ? undefined
    : expected(
        "true, which is the account's default bus, or the ARN of a bus such as arn:aws:events:eu-west-2:111122223333:event-bus/alerts",
        value,
        'copy it from the EventBridge console, or leave `eventBridge` out',
      );

/** The URL as it will be sent, its host in lower case and without a trailing dot. */
export const canonicalUrl = (text: string): string => {
  const url = new URL(text);
  url.hostname = canonicalName(url.hostname);
  return /^https?:$/.test(url.protocol) ? url.href : url.href.replace(/\/$/, '');
};

/** What is wrong with `value` as the source of a regular expression with the flag `u`. */
export const patternRefusal = (value: unknown): string | undefined => {
  const allowed = 'the source of a regular expression such as "status":\\s*"ok"';
  if (typeof value !== 'string' || value === '') {
    return expected(allowed, value, 'write it as text, without slashes and flags');
  }
  try {
    new RegExp(value, 'u');
    return undefined;
  } catch (error) {
    const reason =
      error instanceof Error ? error.message.replace(/^Invalid regular expression: /, '') : error;
    return expected(allowed, value, `it does not compile with the flag u: ${reason}`);
  }
};

/** RFC 9110, 5.6.2. */
export const HEADER_NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
/** RFC 9110, 5.5: visible characters, spaces and tabs. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const HEADER_VALUE_LENGTH_MAX = 4096;
/** Headers that belong to the connection or to a request body; the prober's HTTP client sets or refuses them. */
const CONNECTION_HEADERS = [
  'connection',
  'content-length',
  'expect',
  'keep-alive',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
];

/** What is wrong with one header of a probe. Values are not repeated: they may be secrets. */
export const headerRefusal = (name: string, value: unknown): string | undefined => {
  const lower = name.toLowerCase();
  if (lower === 'host') {
    return 'Expected no Host header, received one; a probe always asks for the host of `probe.url`, so drop it.';
  }
  if (CONNECTION_HEADERS.includes(lower)) {
    return `Expected a header about the request, received ${lower}, which the HTTP client sets by itself; drop it.`;
  }
  if (!HEADER_NAME.test(name)) {
    return expected('a header name of letters, digits and hyphens', name, 'correct the name');
  }
  if (typeof value !== 'string') {
    return `Expected the header's value to be text, received ${typeof value === 'object' ? 'an object' : `a ${typeof value}`}; put it in quotes.`;
  }
  if (!HEADER_VALUE.test(value) || value.length > HEADER_VALUE_LENGTH_MAX) {
    return `Expected the header's value to be one line of at most ${HEADER_VALUE_LENGTH_MAX} Latin-1 characters, received ${value.length} characters; shorten it, or drop line breaks and other control characters.`;
  }
  return undefined;
};
