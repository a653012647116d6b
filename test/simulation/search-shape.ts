import type { Change, RecordSet } from '../../lambda/core/zone/records.ts';
import type { Verdicts, Work } from './search-process.ts';

/** What is watched to tell whether the invariants hold; no party knows it. */
export type Watcher = {
  /** The A record before a person changed it. */
  edited?: RecordSet;
  /** What serves is an edit that was adopted. */
  adopted?: true;
  /** A hold was answered as done, and nothing was ordered since that ends it. */
  held?: true;
  /** Switches in the zone that nobody was told of: epoch and server. */
  untold: { epoch: number; to: string }[];
  /** Orders answered as done that nobody was told of, and orders that people were told of. */
  unsaid: string[];
  said: string[];
};

export type Small = {
  nowMs: number;
  zone: RecordSet[];
  stored?: { text: string; version: number };
  /** Batches whose answer was lost and that may yet be applied. */
  flights: Sent[];
  verdicts: Verdicts;
  first: Party;
  second: Party;
  hand: Party;
  left: Budget;
  watcher: Watcher;
};

/** How often each thing may happen, so that the search ends. */
export type Budget = {
  rounds: number;
  flips: number;
  crashes: number;
  lost: number;
  orders: number;
  edits: number;
  waits: number;
};

/** A controller or a hand: not there, between two pieces of work, or in one. */
export type Party = { at: 'away' } | { at: 'rest'; memory: string } | { at: 'work'; work: Work };

/** Who sent a batch: a controller, with the verdicts of the round it was decided in, or a hand. */
export type Sender = { verdicts: Verdicts } | { order: string };

export type Sent = { changes: Change[]; comment: string; by: Sender };
