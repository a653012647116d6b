import { blockedByHead, type Headers } from '../core/probe/blocked.ts';
import { MAX_HEADER_VALUES } from '../core/probe/bounds.ts';
import { type Head, legible } from '../core/probe/head-lines.ts';
import { type Finding, printable, statusFinding } from '../core/probe/outcome.ts';
import type { HeaderRule, ProbeRequest } from '../core/probe/request.ts';
import { withoutSecrets } from '../core/probe/without-secrets.ts';
import { matches, type PatternBudget, patternFinding } from './pattern.ts';

/** What is wrong with status and headers, if anything. */
export const headFinding = (
  request: ProbeRequest,
  { status, headers }: Head,
  budget: PatternBudget,
): Finding | undefined =>
  blockedByHead(request, status, headers) ??
  statusFinding(request, status, headers.location && legible([headers.location].flat()[0] ?? '')) ??
  headersFinding(request, headers, budget);

const headersFinding = (
  request: ProbeRequest,
  headers: Headers,
  budget: PatternBudget,
): Finding | undefined => {
  if (request.expectHeaders === undefined) return undefined;
  for (const [name, rule] of Object.entries(request.expectHeaders)) {
    const sent = [headers[name.toLowerCase()] ?? []].flat();
    const values = sent.slice(0, MAX_HEADER_VALUES);
    const holds = ruleHolds(rule, values, budget);
    if (holds === undefined) return patternFinding((rule as { matches: string }).matches);
    if (holds) continue;
    const all = withoutSecrets(legible(values.join(', ')), request, 70);
    const received = values.length === 0 ? 'none' : printable(JSON.stringify(all), 70);
    const within = values.length < sent.length ? ` within the first ${values.length} of ${sent.length}` : '';
    const wanted = `the header ${name} ${wantedOf(rule)}${within}`;
    return { code: 'header', detail: `expected ${wanted}, received ${received}` };
  }
  return undefined;
};

/** A header that was sent several times holds if one of its values does. */
const ruleHolds = (rule: HeaderRule, values: string[], budget: PatternBudget): boolean | undefined => {
  if (typeof rule === 'boolean') return rule === values.length > 0;
  if (typeof rule === 'string') return values.includes(rule);
  return matches(rule.matches, values, budget);
};

const wantedOf = (rule: HeaderRule): string => {
  if (typeof rule === 'boolean') return rule ? 'to be there' : 'not to be there';
  return typeof rule === 'string'
    ? `to be ${printable(JSON.stringify(rule), 50)}`
    : `to match /${printable(rule.matches, 48)}/u`;
};
