import { isIP } from 'node:net';
import { isPointer } from '../core/base/json-pointer.ts';
import { shownValue } from '../core/base/shown.ts';
import type { ProberEvent } from '../core/probe/request.ts';

type Fields = Record<string, unknown>;

/** A probe waits for less than an interval, and no interval is longer than a minute. */
const MAX_TIMEOUT_MS = 60_000;
/** The longest a Lambda runs. */
const MAX_DEADLINE_MS = 900_000;

/** More would be an endless chain to a browser too, and each costs a connection. */
const MAX_REDIRECTS = 5;

/** Headers that say where a request goes or where it ends; the probe's URL and the connection decide those. */
const NOT_CONFIGURABLE = new Set([
  'host',
  'connection',
  'keep-alive',
  'upgrade',
  'expect',
  'content-length',
  'transfer-encoding',
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
/** Labels as DNS takes them; the last one must not be a number, or `127.0.0.256` would be a name. */
const HOST_NAME = /^(?=.{1,253}\.?$)([a-z0-9_-]{1,63}\.)*(?!\d+\.?$)[a-z0-9_-]{1,63}\.?$/i;

/** What is wrong with an event: the field, the rule that it breaks, and what it is, as far as that may be shown. */
export class RefusedEvent extends TypeError {
  readonly path: string;
  readonly rule: string;
  readonly shown: string;

  constructor(path: string, rule: string, received: unknown) {
    const shown = shownValue(received, 100);
    super(
      `Expected ${path} to be ${rule}, received ${shown}; no probe was sent. Deploy the controller and the probers from one version.`,
    );
    this.path = path;
    this.rule = rule;
    this.shown = shown;
  }
}

/**
 * The event a prober was invoked with, or a `RefusedEvent`; then no probe is sent at all. Keys
 * that are not known here are ignored: while a deployment is under way a newer controller may call an older prober.
 */
export const checkedEvent = (event: unknown): ProberEvent => {
  const { probes, deadlineMs } = fields(event, 'event');
  if (!Array.isArray(probes)) throw new RefusedEvent('probes', 'a list', probes);
  demand(
    isWithin(deadlineMs, MAX_DEADLINE_MS),
    'deadlineMs',
    `above 0 and at most ${MAX_DEADLINE_MS}`,
    deadlineMs,
  );
  const ids = new Set<unknown>();
  for (const [index, candidate] of probes.entries()) {
    const path = `probes[${index}]`;
    const { id } = checkProbe(fields(candidate, path), path);
    demand(!ids.has(id), `${path}.id`, 'unlike that of every other probe', id);
    ids.add(id);
  }
  return event as ProberEvent;
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isTextList = (value: unknown): boolean => Array.isArray(value) && value.every(isText);

const isWithin = (value: unknown, maximum: number): boolean =>
  typeof value === 'number' && value > 0 && value <= maximum;

const isAddress = (value: unknown): boolean => isText(value) && (isIP(value) !== 0 || HOST_NAME.test(value));

const isStatus = (value: unknown): boolean =>
  Number.isInteger(value) && (value as number) >= 100 && (value as number) <= 599;

const isStatusRule = (value: unknown): boolean => {
  if (typeof value !== 'string') return isStatus(value);
  const [, first, last] = /^(\d{3})-(\d{3})$/.exec(value) ?? [];
  return isStatus(Number(first)) && isStatus(Number(last)) && Number(first) <= Number(last);
};

const isStatusList = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isStatusRule);

const isProbeUrl = (value: unknown): boolean => {
  const url = isText(value) ? URL.parse(value) : null;
  if (url === null || url.username !== '' || url.password !== '' || url.port === '0') return false;
  if (url.protocol === 'tls:' || url.protocol === 'tcp:') return url.hostname !== '' && url.port !== '';
  return url.protocol === 'http:' || url.protocol === 'https:';
};

const isPattern = (value: unknown): boolean => {
  try {
    return isText(value) && new RegExp(value, 'u') instanceof RegExp;
  } catch {
    return false;
  }
};

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isHeaderRules = (value: unknown): boolean =>
  isObject(value) &&
  Object.entries(value).every(
    ([name, rule]) =>
      TOKEN.test(name) &&
      (['string', 'boolean'].includes(typeof rule) || (isObject(rule) && isPattern(rule.matches))),
  );

const isJsonRule = (value: unknown): boolean =>
  isObject(value) &&
  typeof value.pointer === 'string' &&
  isPointer(value.pointer) &&
  (value.equals === null || ['string', 'number', 'boolean'].includes(typeof value.equals));

type Check = [key: string, holds: (value: unknown) => boolean, rule: string];

const REQUIRED: Check[] = [
  ['id', isText, 'a text that is not empty'],
  [
    'url',
    isProbeUrl,
    'a http or https URL, or tls or tcp with host and port, without user name, password and port 0',
  ],
  ['address', isAddress, 'an IPv4 address, an IPv6 address or a host name'],
  ['method', (v) => isText(v) && TOKEN.test(v) && v !== 'CONNECT', 'an HTTP method other than CONNECT'],
  ['expectStatus', isStatusList, 'a list of at least one whole number from 100 to 599, or range of them'],
  ['timeoutMs', (v) => isWithin(v, MAX_TIMEOUT_MS), `above 0 and at most ${MAX_TIMEOUT_MS}`],
];

const OPTIONAL: Check[] = [
  ['body', (v) => typeof v === 'string', 'text'],
  ['expectHeaders', isHeaderRules, 'an object of header names and rules'],
  ['bodyIncludes', isText, 'a text that is not empty'],
  ['bodyExcludes', isText, 'a text that is not empty'],
  ['bodyMatches', isPattern, 'a regular expression (flag u)'],
  ['bodyJson', isJsonRule, 'a JSON pointer, and what it equals'],
  ['browserHello', (v) => typeof v === 'boolean', 'true or false'],
  ['slowAfterMs', (v) => isWithin(v, MAX_TIMEOUT_MS), `above 0 and at most ${MAX_TIMEOUT_MS}`],
  ['slowIs', (v) => v === 'passed' || v === 'failed', 'passed or failed'],
  ['blockedIs', (v) => v === 'failed' || v === 'unknown', 'failed or unknown'],
  [
    'followRedirects',
    (v) => Number.isInteger(v) && (v as number) >= 0 && (v as number) <= MAX_REDIRECTS,
    `a whole number from 0 to ${MAX_REDIRECTS}`,
  ],
  ['redirectHosts', isTextList, 'a list of texts'],
  ['secretHeaders', isTextList, 'a list of texts'],
  ['ca', isText, 'a text that is not empty'],
  ['http', (v) => v === 'auto' || v === 1 || v === 2, 'auto, 1 or 2'],
  ['minTls', (v) => v === '1.2' || v === '1.3', '1.2 or 1.3'],
];

const checkProbe = (probe: Fields, path: string): Fields => {
  for (const [key, holds, rule] of REQUIRED) demand(holds(probe[key]), `${path}.${key}`, rule, probe[key]);
  for (const [key, holds, rule] of OPTIONAL) {
    const value = probe[key];
    demand(value === undefined || holds(value), `${path}.${key}`, `absent, or ${rule}`, value);
  }
  for (const [name, value] of Object.entries(fields(probe.headers, `${path}.headers`))) {
    const at = `${path}.headers[${JSON.stringify(name)}]`;
    const settable = TOKEN.test(name) && !NOT_CONFIGURABLE.has(name.toLowerCase());
    demand(settable, at, `a header name, and none of ${[...NOT_CONFIGURABLE].join(', ')}`, name);
    // Values may be secrets, so they are not repeated.
    const isValue = typeof value === 'string' && HEADER_VALUE.test(value);
    demand(isValue, at, 'text on one line, no further than U+00FF', `a ${typeof value}`);
  }
  return probe;
};

const fields = (value: unknown, path: string): Fields => {
  if (!isObject(value)) throw new RefusedEvent(path, 'an object', value);
  return value;
};

const demand = (holds: boolean, path: string, rule: string, received: unknown): void => {
  if (!holds) throw new RefusedEvent(path, rule, received);
};
