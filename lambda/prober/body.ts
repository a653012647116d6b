import { valueAt } from '../core/base/json-pointer.ts';
import { blockedByBody } from '../core/probe/blocked.ts';
import { MAX_BODY_BYTES } from '../core/probe/bounds.ts';
import { textOf } from '../core/probe/charset.ts';
import type { Head } from '../core/probe/head-lines.ts';
import { type Finding, printable, shownNumber } from '../core/probe/outcome.ts';
import type { JsonRule, ProbeRequest } from '../core/probe/request.ts';
import { withoutSecrets } from '../core/probe/without-secrets.ts';
import type { Bytes } from './decoder.ts';
import { matches, type PatternBudget, patternFinding } from './pattern.ts';

/** An answer as it was received: at most `MAX_BODY_BYTES` of its body; `cut` if there was, or could have been, more. */
export type Answer = Head & { url: URL; bytes: Buffer; cut: boolean };

/** Whether anything is to be found in the body; otherwise it is read to its end and not kept. */
export const looksAtBody = ({ bodyIncludes, bodyExcludes, bodyMatches, bodyJson }: ProbeRequest): boolean =>
  [bodyIncludes, bodyExcludes, bodyMatches, bodyJson].some((rule) => rule !== undefined);

/** What is wrong with an unpacked body, if anything. */
export const bodyFinding = (
  request: ProbeRequest,
  body: Bytes & Pick<Head, 'headers'>,
  budget: PatternBudget,
): Finding | undefined => {
  if (!looksAtBody(request)) return undefined;
  const text = textOf(body.bytes, body.headers);
  const unmet = unmetRule(request, text, body.cut, budget);
  if (unmet === undefined || typeof unmet === 'object') return unmet;
  const start = withoutSecrets(text, request, 60).slice(0, 60);
  const where = body.cut ? ` within the first ${MAX_BODY_BYTES.toLocaleString('en')} bytes` : '';
  const detail = `expected the body to ${unmet}${where}, received ${printable(JSON.stringify(start), 70)}`;
  return blockedByBody(request, text) ?? { code: 'body', detail };
};

/** The first rule that does not hold, as what the body should have done, or what kept it from being judged. */
const unmetRule = (
  request: ProbeRequest,
  text: string,
  cut: boolean,
  budget: PatternBudget,
): string | Finding | undefined => {
  const { bodyIncludes, bodyExcludes, bodyMatches, bodyJson } = request;
  if (bodyIncludes !== undefined && !text.includes(bodyIncludes)) return `include ${quoted(bodyIncludes)}`;
  if (bodyExcludes !== undefined && text.includes(bodyExcludes)) return `lack ${quoted(bodyExcludes)}`;
  if (bodyJson !== undefined) {
    const unmet = unmetJson(bodyJson, text, cut, request);
    if (unmet !== undefined) return unmet;
  }
  if (bodyMatches === undefined) return undefined;
  const matched = matches(bodyMatches, [text], budget);
  if (matched === undefined) return patternFinding(bodyMatches);
  return matched ? undefined : `match /${printable(bodyMatches, 48)}/u`;
};

const quoted = (text: string): string => printable(JSON.stringify(text), 50);

const unmetJson = (
  { pointer, equals }: JsonRule,
  text: string,
  cut: boolean,
  request: ProbeRequest,
): string | undefined => {
  if (cut) return 'be JSON and end';
  const at = pointer === '' ? '' : ` at ${printable(pointer, 30)}`;
  const wanted = `${printable(JSON.stringify(equals), 30)}${at}`;
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    return `be JSON with ${wanted}`;
  }
  const value = valueAt(document, pointer);
  return value === equals
    ? undefined
    : `hold ${wanted}, not ${withoutSecrets(kindOf(value), request, 40).slice(0, 40)}`;
};

/** A JSON value in a few words; what is in a list or an object may be too deep to be written down. */
const kindOf = (value: unknown): string => {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'number') return shownNumber(value);
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
};
