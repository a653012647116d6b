import { type Finding, isExpected, OUTCOMES } from './outcome.ts';
import type { ProbeRequest } from './request.ts';

/** Headers of an answer by their names in small letters. */
export type Headers = Record<string, string | string[] | undefined>;

/** Forbidden, and Too Many Requests: what firewalls and rate limits answer, and hardly ever a server in trouble. */
const REFUSALS = [403, 429];

/**
 * Headers by which firewalls and bot filters mark an answer as their own: Cloudflare ("Detect a challenge page"), AWS WAF
 * ("CAPTCHA and Challenge actions"), Vercel (firewall) and Sucuri (block page).
 */
const MARKING_HEADERS = ['cf-mitigated', 'x-amzn-waf-action', 'x-vercel-mitigated', 'x-sucuri-block'];

/** Words of their challenge pages: Cloudflare, twice; DDoS-Guard and older Cloudflare; Imperva, twice. */
const MARKING_WORDS = [
  'Attention Required! | Cloudflare',
  '<title>Just a moment...</title>',
  'Checking your browser before accessing',
  'Incapsula incident ID',
  'Pardon Our Interruption',
];

/** Whether a firewall or bot filter sent this answer, as far as status and headers tell. */
export const blockedByHead = (
  request: ProbeRequest,
  status: number,
  headers: Headers,
): Finding | undefined => {
  const marking = MARKING_HEADERS.find((name) => headers[name] !== undefined);
  if (marking !== undefined) return finding(request, `${status} with ${marking}: ${headers[marking]}`);
  return REFUSALS.includes(status) && !isExpected(request.expectStatus, status)
    ? finding(request, `status ${status}`)
    : undefined;
};

/** Whether this text, which is not the one expected, is a challenge page. */
export const blockedByBody = (request: ProbeRequest, text: string): Finding | undefined => {
  const words = MARKING_WORDS.find((each) => text.includes(each));
  return words === undefined ? undefined : finding(request, `a page with ${JSON.stringify(words)}`);
};

/** The way out comes before what was received: the server chooses the length of the latter. */
const finding = ({ headers, secretHeaders = [] }: ProbeRequest, received: string): Finding => {
  const own = Object.keys(headers).find((name) => name.toLowerCase() === 'user-agent');
  const agent = own === undefined ? 'User-Agent Switchover/*' : "the probe's User-Agent";
  const allow = secretHeaders.length === 0 ? agent : `the secret header ${secretHeaders.join(', ')}`;
  return { code: 'blocked', detail: `${OUTCOMES.blocked[1]}; allow ${allow} there; received ${received}` };
};
