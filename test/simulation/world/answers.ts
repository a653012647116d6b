import type { Outcome } from '../../../lambda/core/probe/request.ts';
import { lot } from '../random.ts';
import type { Plan } from './plan-shape.ts';
import type { Episode, ServerTrouble } from './troubles.ts';

/** What comes of one probe, and how long it takes. */
export type Answer = { outcome: Outcome; code: string; afterMs: number };

/** Which server answers at an address: indexes of the site and the server. Addresses are numbered so that this is plain. */
export const ownerOf = (address: string): { site: number; server: number; ipv6: boolean } | undefined => {
  const ipv4 = /^10\.(\d+)\.(\d+)\.\d+$/.exec(address);
  if (ipv4 !== null) return { site: Number(ipv4[1]), server: Number(ipv4[2]), ipv6: false };
  const ipv6 = /^2001:db8:(\d+):(\d+)::1$/.exec(address);
  if (ipv6 !== null) return { site: Number(ipv6[1]), server: Number(ipv6[2]), ipv6: true };
  const name = /^(primary|standby|third)\.site(\d+)\.example\.org$/.exec(address);
  if (name === null) return undefined;
  return {
    site: Number(name[2]),
    server: ['primary', 'standby', 'third'].indexOf(name[1] ?? ''),
    ipv6: false,
  };
};

const QUICK_MS = 30;

/** The number of the reference at an address. */
const referenceAt = (address: string): number | undefined => {
  const found = /^reference(\d+)\.example$/.exec(address);
  return found === null ? undefined : Number(found[1]);
};

export const isReference = (address: string): boolean => referenceAt(address) !== undefined;

const referenceAnswer = (
  active: Iterable<Episode>,
  number: number,
  vantage: string,
  timeoutMs: number,
): Answer => {
  for (const { trouble } of active) {
    if (trouble.kind !== 'reference' || (trouble.which !== 'all' && trouble.which !== number)) continue;
    if (trouble.from !== undefined && !trouble.from.includes(vantage)) continue;
    return trouble.answer === 'refuses'
      ? { outcome: 'failed', code: 'refused', afterMs: QUICK_MS }
      : { outcome: 'failed', code: 'timeout-response', afterMs: timeoutMs };
  }
  return { outcome: 'passed', code: 'ok', afterMs: QUICK_MS };
};

/** What the server at `address` answers to `vantage` at `atMs` (from the start of the world) within `timeoutMs`. */
export const answerAt = (
  plan: Plan,
  active: Iterable<Episode>,
  address: string,
  vantage: string,
  atMs: number,
  timeoutMs: number,
): Answer => {
  const reference = referenceAt(address);
  if (reference !== undefined) return referenceAnswer(active, reference, vantage, timeoutMs);
  const owner = ownerOf(address);
  const failed = (code: string, afterMs: number): Answer => ({ outcome: 'failed', code, afterMs });
  if (owner === undefined) return failed('unreachable', QUICK_MS);
  if (atMs >= plan.troubledMs && plan.downForGood.includes(`${owner.site} ${owner.server}`)) {
    return failed('refused', QUICK_MS);
  }
  let answer: Answer = { outcome: 'passed', code: 'ok', afterMs: QUICK_MS };
  for (const { id, fromMs, trouble } of active) {
    if (trouble.kind !== 'server' || trouble.site !== owner.site) continue;
    if (trouble.server !== 'all' && trouble.server !== owner.server) continue;
    if (trouble.from !== undefined && !trouble.from.includes(vantage)) continue;
    if (trouble.ipv6Only && !owner.ipv6) continue;
    if (!badNow(trouble, atMs - fromMs, `${plan.seed} ${id} ${vantage} ${address} ${atMs}`)) continue;
    if (trouble.answer === 'refuses') return failed('refused', QUICK_MS);
    if (trouble.answer === 'status') return failed('status', QUICK_MS);
    if (trouble.answer === 'hangs') return failed('timeout-response', timeoutMs);
    if (trouble.answer === 'slow') answer = { ...answer, afterMs: Math.floor(timeoutMs * 0.95) };
    else answer = { outcome: 'unknown', code: 'no-network', afterMs: QUICK_MS };
  }
  return answer;
};

const badNow = ({ flaps, loss }: ServerTrouble, sinceMs: number, label: string): boolean => {
  if (flaps !== undefined) return (sinceMs % flaps.periodMs) / flaps.periodMs < flaps.share;
  return loss === undefined || lot(label) < loss;
};
