import { noted } from '../state/history.ts';
import type { Intent } from '../state/site-state.ts';
import { beforeChange, keepBefore } from './rolled-back.ts';
import type { Step } from './step.ts';

/** A write is decided. It is saved before it is sent. */
export const intended =
  (intent: Intent): Step =>
  (state) => ({ ...state, intent });

/**
 * Nothing of the intent is on its way, so nothing of it has to be cancelled. With a nonce: of that intent, and no
 * other.
 */
export const unsent =
  (nonce?: string): Step =>
  (state) => {
    if (nonce !== undefined && state.intent?.nonce !== nonce) return state;
    const { intent: _, ...rest } = state;
    return rest;
  };

/** Route 53 has taken the change. It is open until all name servers have it. */
export const accepted =
  (change: { changeId: string; epoch: number; acceptedMs: number }): Step =>
  (state) => ({ ...state, unpublished: { ...change, before: beforeChange(state) } });

/** Route 53 says that all its name servers answer with the open change. */
export const published =
  (atMs: number): Step =>
  (state) => {
    const { unpublished, ...rest } = state;
    if (unpublished === undefined) return state;
    const { epoch, acceptedMs } = unpublished;
    const propagation =
      rest.propagation?.epoch === epoch ? { ...rest.propagation, insyncMs: atMs } : rest.propagation;
    const text = `Route 53 says that all its name servers answer with epoch ${epoch}`;
    const history = noted(rest.history, { atMs, what: 'published', text }, acceptedMs);
    return { ...rest, history, ...(propagation !== undefined && { propagation }) };
  };

/** Route 53 no longer knows the open change. The next listing tells whether it holds. */
export const forgotten: Step = (state) => {
  const { unpublished: _, ...rest } = keepBefore(state);
  return rest;
};
