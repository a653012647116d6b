/** One thing that is wrong with the configuration. */
export type Problem = {
  /** Where: `sites[0].servers[1].ipv4[0]`; empty for the configuration as a whole. */
  path: string;
  /** What is allowed, what was received, and the way out, as full sentences. */
  message: string;
  /** The name of the site that `path` lies in, so that `sites[417]` need not be counted out. */
  site?: string;
};

/** The configuration cannot be used. `problems` holds everything that is wrong with it, and `message` says all of it. */
export class ConfigError extends Error {
  readonly problems: Problem[];

  /** `source` names the configuration for people: a file, or words such as `The configuration`. */
  constructor(problems: Problem[], source = 'The configuration', cause?: unknown) {
    super(
      `${source} has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n${problems.map(line).join('\n')}`,
      cause === undefined ? undefined : { cause },
    );
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

const line = ({ path, message, site }: Problem): string =>
  `  ${path === '' ? '' : `${path}${site === undefined ? '' : ` (${site})`}: `}${message}`;

/** The sentence of every refusal. `wayOut` starts with a small letter and ends without a full stop. */
export const expected = (allowed: string, value: unknown, wayOut: string): string =>
  `Expected ${allowed}, received ${received(value)}; ${wayOut}.`;

const RECEIVED_LENGTH_MAX = 100;
const KEYS_SHOWN_MAX = 8;

/** `value` in a few words. What lies inside lists and objects is not repeated: headers may hold secrets. */
export const received = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (typeof value === 'string') {
    return value.length > RECEIVED_LENGTH_MAX
      ? `${JSON.stringify(value.slice(0, RECEIVED_LENGTH_MAX))} and ${value.length - RECEIVED_LENGTH_MAX} more characters`
      : JSON.stringify(value);
  }
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'symbol') return 'a symbol';
  if (typeof value === 'object' && value !== null) return receivedObject(value);
  return String(value);
};

const receivedObject = (value: object): string => {
  const keys = Object.keys(value);
  const shown = keys.slice(0, KEYS_SHOWN_MAX).join(', ');
  if (keys.length === 0) return 'an object without keys';
  return `an object with ${keys.length > KEYS_SHOWN_MAX ? `${keys.length} keys (${shown}, …)` : `the ${keys.length === 1 ? 'key' : 'keys'} ${shown}`}`;
};

/** `['sites', 0, 'probe', 'headers', 'X-A']` as `sites[0].probe.headers["X-A"]`. */
export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    if (!/^[A-Za-z_$][\w$]*$/.test(String(key))) return `${text}[${JSON.stringify(String(key))}]`;
    return text === '' ? String(key) : `${text}.${String(key)}`;
  }, '');
