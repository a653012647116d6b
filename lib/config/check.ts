import type { Config } from '../../lambda/core/site/site.ts';
import { alertRules } from './alert-rules.ts';
import { prune } from './draft.ts';
import { findings } from './issues.ts';
import { ConfigError, type Problem } from './problems.ts';
import { resolve } from './resolve.ts';
import { rules } from './rules.ts';
import { configSchema } from './schema.ts';
import { warnings } from './warnings.ts';

/** A configuration that can be used, and what is likely to be regretted about it: whole sentences. */
export type Checked = { config: Config; warnings: string[] };

/** What surrounds a configuration that is no file: that of a construct. */
export type Given = {
  /** People are told by a topic that is not in the configuration. */
  hasTopic?: boolean;
  /** The keys that may be written at the top level, where they are not those of a file. */
  keys?: readonly string[];
};

/**
 * Checks a configuration whole and fills it in. Throws a `ConfigError` that lists every problem, those of single values
 * and those between values alike; `source` names the configuration in its message. `given` is what it is without: see `Given`.
 */
export const checkConfig = (input: unknown, source?: string, given: Given = {}): Checked => {
  const issues = configSchema(isLocal(input)).safeParse(input).error?.issues ?? [];
  const found = findings(issues, input, given.keys);
  const problems = found.map(({ problem }) => problem);
  const readable = prune(
    input,
    found.flatMap(({ spoiled }) => (spoiled === undefined ? [] : [spoiled])),
  );
  if (readable === null) throw new ConfigError(problems, source);
  const draft = resolve(readable);
  problems.push(...rules(draft), ...alertRules(readable.alerts, readable.homeRegion));
  if (problems.length > 0) throw new ConfigError(inOrder(problems, input), source);
  const config = { ...draft, sites: draft.sites.map(({ site }) => site) };
  // Without findings no `null` is left in the draft, which is all that tells it from a Config.
  return { config: config as Config, warnings: warnings(draft, readable.alerts, given.hasTopic ?? false) };
};

/** With an unreadable `local` nobody can say which addresses are allowed, so all of them are. */
const isLocal = (input: unknown): boolean => {
  const local = (input as { local?: unknown } | null | undefined)?.local;
  return local !== undefined && local !== false;
};

const byPath = new Intl.Collator('en', { numeric: true });

/** Each problem once, those of a site together and with the site's name. */
const inOrder = (problems: Problem[], input: unknown): Problem[] => {
  const unique = new Map(problems.map((problem) => [`${problem.path}\n${problem.message}`, problem]));
  return [...unique.values()]
    .map((problem) => withSite(problem, input))
    .sort((a, b) => byPath.compare(a.path, b.path));
};

const withSite = (problem: Problem, input: unknown): Problem => {
  const index = /^sites\[(\d+)\]/.exec(problem.path)?.[1];
  const site =
    index === undefined
      ? undefined
      : (input as { sites: ({ name?: unknown } | null)[] }).sites[Number(index)]?.name;
  return typeof site === 'string' ? { ...problem, site } : problem;
};
