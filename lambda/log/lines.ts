import type { LogLine } from '../contract.ts';
import type { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import { moveMetric } from '../core/evidence/metrics.ts';
import type { Intent } from '../core/state/site-state.ts';
import type { Logging } from '../ports.ts';

/**
 * Logs what an outside system refused or left open. The code is AWS's own where there is one (`AccessDenied`), because that is
 * what people search for; else what we were doing and what came of it (`write-lost`).
 */
export const logFault = ({ clock, log }: Logging, during: string, fault: Fault, site?: string): void => {
  const named = fault.cause instanceof Error ? fault.cause.name : '';
  const code = /^[A-Z][A-Za-z]+$/.test(named) && !/Error$/.test(named) ? named : `${during}-${fault.code}`;
  const at = isoTime(clock.now());
  log({
    event: 'error',
    code,
    during,
    message: fault.message,
    at,
    ...(site === undefined ? {} : { site }),
  });
};

/** The log line of a switch that was applied; none for a write that moved nothing. */
export const switchLine = (
  deployment: string,
  site: string,
  applied: Intent,
  atMs: number,
): LogLine | undefined => {
  const { act, from, to, reason, epoch } = applied;
  if (act !== 'serve' || from === to) return undefined;
  const move = { event: 'switch', site, from, to, reason, epoch, at: isoTime(atMs) } as const;
  return { ...moveMetric('made', deployment, atMs), ...move };
};

/** The log line of a move that became due. After a change of controllers the next one may say it again. */
export const dueLine = (
  deployment: string,
  move: { site: string; to: string; reason: string },
  atMs: number,
): LogLine => ({ ...moveMetric('due', deployment, atMs), ...move, event: 'due', at: isoTime(atMs) });
