/**
 * What went wrong at an outside system, reduced to what the flow branches on:
 * - `denied`: our permissions; `throttled`, `busy` (PriorRequestNotComplete): later;
 * - `refused`: the request as such will never be accepted (a record differs from what we last saw, a bad value);
 * - `gone`: the zone, change, table or function does not exist;
 * - `conflict`: a conditional write lost to another writer;
 * - `lost`: no usable answer (timeout, reset, 5xx, garbage): a write may or may not have been applied;
 * - `unavailable`: nothing was sent or nothing was done.
 */
export type FaultCode =
  | 'denied'
  | 'throttled'
  | 'busy'
  | 'refused'
  | 'gone'
  | 'conflict'
  | 'lost'
  | 'unavailable';

/** Whether the other side gave no answer that counts: asked again a little later, it may. */
export const isUnanswered = (code: string): boolean =>
  ['lost', 'throttled', 'busy', 'unavailable'].includes(code);

/** An error from the edge. `system` and `operation` name the call; `cause` keeps the SDK's own error. */
export class Fault extends Error {
  readonly code: FaultCode;
  readonly system: string;
  readonly operation: string;

  constructor(code: FaultCode, system: string, operation: string, message: string, cause?: unknown) {
    super(`${system} ${operation}: ${message}`, { cause });
    this.name = 'Fault';
    this.code = code;
    this.system = system;
    this.operation = operation;
  }
}
