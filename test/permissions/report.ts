import { glob, type Statement } from '../../local/iam.ts';
import type { PermissionLine } from '../../local/permissions.ts';

/** What one kind of function may do and never did, and what it asked for and was refused. */
export type Finding = { function: string; unused: string[]; refused: string[] };

/** Why a grant that nothing here uses is right all the same: `FUNCTION ACTION`, with `*` for any function. */
export type Reasons = Record<string, string>;

const list = <T>(value: T | T[] | undefined): T[] =>
  value === undefined ? [] : Array.isArray(value) ? value : [value];

/** The same in every deployment: without its name, its account, its region and the ids of its zones. */
const shape = (deployment: string, arn: string): string =>
  arn
    .replace(/^(arn:aws:[a-z0-9-]+):[a-z0-9-]*:\d*:/, '$1:')
    .replace(`${deployment}-`, '')
    .replace(/hostedzone\/[^*]+$/, 'hostedzone/ZONE')
    .replace(/change\/.+$/, 'change/ID')
    .replace(/:log-stream:.*$/, '')
    .replace(/parameter\/.*$/, 'parameter/NAME')
    .replace(/controller-\d+/, 'controller');

const NAMES = /^route53:ChangeResourceRecordSets(RecordTypes|Actions)$/;

/** A change of records is granted and used by type and by action: `ChangeResourceRecordSets RecordTypes AAAA`. */
const conditioned = (action: string, context: Record<string, unknown>): string[] => [
  action,
  ...Object.entries(context).flatMap(([key, values]) => {
    const [, what] = NAMES.exec(key) ?? [];
    return what === undefined
      ? []
      : list(values as string | string[]).map((value) => `${action} ${what} ${value}`);
  }),
];

const granted = (deployment: string, { Effect, Action, Resource, Condition = {} }: Statement): string[] => {
  if (Effect !== 'Allow') return [];
  // That a key is there is asked beside what its values are.
  const { Null: _, ...values } = Condition;
  const context = Object.assign({}, ...Object.values(values)) as Record<string, unknown>;
  return list(Action).flatMap((action) =>
    list(Resource).flatMap((resource) =>
      conditioned(action, context).map((what) => `${what} on ${shape(deployment, resource)}`),
    ),
  );
};

/** Sums up what all starts of the local cloud noted. What one deployment used, its likes are not asked for. */
export const findingsOf = (lines: PermissionLine[], reasons: Reasons): Finding[] => {
  const byFunction = Map.groupBy(lines, (line) => line.function);
  return [...byFunction].sort().map(([kind, own]) => {
    const may = new Set<string>();
    const did = new Set<string>();
    const refused = new Set<string>();
    for (const line of own) {
      if (line.said === 'granted') {
        for (const statement of line.statements)
          for (const item of granted(line.deployment, statement)) may.add(item);
        continue;
      }
      const { action, resource, context } = line.demand;
      for (const what of conditioned(action, context))
        (line.allowed ? did : refused).add(`${what} on ${shape(line.deployment, resource)}`);
    }
    const excused = (item: string) =>
      [kind, '*'].some((who) => Object.keys(reasons).some((reason) => `${who} ${item}`.startsWith(reason)));
    return {
      function: kind,
      unused: [...may].filter((item) => ![...did].some((used) => glob(item, used)) && !excused(item)).sort(),
      refused: [...refused].sort(),
    };
  });
};

/** The findings for people; `ok` when there is nothing to mend. */
export const reportText = (findings: Finding[], reasons: Reasons): { ok: boolean; text: string } => {
  const section = (title: string, items: string[]) =>
    items.length === 0 ? [`  ${title}: nothing`] : [`  ${title}:`, ...items.map((item) => `    ${item}`)];
  const text = [
    ...findings.flatMap(({ function: kind, unused, refused }) => [
      kind,
      ...section('granted and never used', unused),
      ...section('used and refused', refused),
    ]),
    'Granted and not expected to be used here:',
    ...Object.entries(reasons).map(([what, why]) => `    ${what}: ${why}`),
  ].join('\n');
  return { ok: findings.every(({ unused, refused }) => unused.length + refused.length === 0), text };
};
