import { addressEditsStand } from './addresses.ts';
import { allOrNothing, fenced } from './batches.ts';
import { besideOnEvidence } from './beside.ts';
import { editsStand } from './edits.ts';
import type { Invariant } from './invariant.ts';
import { holdsHold, modesAreOrdered, savedHoldsHold } from './modes.ts';
import { notTooOften, onEvidence } from './switches.ts';
import { withoutTable } from './table.ts';

/** What each batch of ours is held against. What is not about batches is in observer.ts, promises.ts, overdue.ts and settled.ts. */
export const INVARIANTS: Invariant[] = [
  onEvidence,
  notTooOften,
  holdsHold,
  savedHoldsHold,
  modesAreOrdered,
  editsStand,
  addressEditsStand,
  allOrNothing,
  besideOnEvidence,
  fenced,
  withoutTable,
];
