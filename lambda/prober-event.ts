import { isIP } from 'node:net';
import type { ProberEvent } from './core/probe.ts';

type Fields = Record<string, unknown>;

/** A probe waits for less than an interval, and no interval is longer than a minute. */
const MAX_TIMEOUT_MS = 60_000;
/** The longest a Lambda runs. */
const MAX_DEADLINE_MS = 900_000;

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

/**
 * The event a prober was invoked with, or an error that says what is wrong with it; then no probe is sent at all. Keys
 * that are not known here are ignored: while a deployment is under way a newer controller may call an older prober.
 */
export const checkedEvent = (event: unknown): ProberEvent => {
  const { probes, deadlineMs, heartbeat } = fields(event, 'event');
  if (!Array.isArray(probes)) throw refusal('probes', 'a list', probes);
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
  if (heartbeat !== undefined) checkHeartbeat(fields(heartbeat, 'heartbeat'));
  return event as ProberEvent;
};

const checkProbe = (probe: Fields, path: string): Fields => {
  const check = (key: string, holds: (value: unknown) => boolean, rule: string) =>
    demand(holds(probe[key]), `${path}.${key}`, rule, probe[key]);
  check('id', isText, 'a text that is not empty');
  check('url', isProbeUrl, 'a http or https URL without user name, password and port 0');
  check('address', isAddress, 'an IPv4 address, an IPv6 address or a host name');
  check('method', (v) => isText(v) && TOKEN.test(v) && v !== 'CONNECT', 'an HTTP method other than CONNECT');
  check('expectStatus', isStatusList, 'a list of at least one whole number from 100 to 599');
  check('bodyIncludes', (v) => v === undefined || isText(v), 'absent, or a text that is not empty');
  check('bodyMatches', (v) => v === undefined || isPattern(v), 'absent, or a regular expression (flag u)');
  check('timeoutMs', (v) => isWithin(v, MAX_TIMEOUT_MS), `above 0 and at most ${MAX_TIMEOUT_MS}`);
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

const checkHeartbeat = ({ deployment, roundsDecided }: Fields): void => {
  demand(isText(deployment), 'heartbeat.deployment', 'a text that is not empty', deployment);
  demand(
    Number.isSafeInteger(roundsDecided) && (roundsDecided as number) > 0,
    'heartbeat.roundsDecided',
    'a whole number above 0',
    roundsDecided,
  );
};

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isWithin = (value: unknown, maximum: number): boolean =>
  typeof value === 'number' && value > 0 && value <= maximum;

const isAddress = (value: unknown): boolean => isText(value) && (isIP(value) !== 0 || HOST_NAME.test(value));

const isStatusList = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every((s) => Number.isInteger(s) && s >= 100 && s <= 599);

const isProbeUrl = (value: unknown): boolean => {
  const url = isText(value) ? URL.parse(value) : null;
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:')) return false;
  return url.username === '' && url.password === '' && url.port !== '0';
};

const isPattern = (value: unknown): boolean => {
  try {
    return isText(value) && new RegExp(value, 'u') instanceof RegExp;
  } catch {
    return false;
  }
};

const fields = (value: unknown, path: string): Fields => {
  demand(typeof value === 'object' && value !== null && !Array.isArray(value), path, 'an object', value);
  return value as Fields;
};

const demand = (holds: boolean, path: string, rule: string, received: unknown): void => {
  if (!holds) throw refusal(path, rule, received);
};

const refusal = (path: string, rule: string, received: unknown): Error => {
  const shown = (JSON.stringify(received) ?? String(received)).slice(0, 100);
  return new TypeError(
    `Expected ${path} to be ${rule}, received ${shown}; no probe was sent. Deploy the controller and the probers from one version.`,
  );
};
