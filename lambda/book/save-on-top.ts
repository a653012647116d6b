import { Fault } from '../core/base/fault.ts';
import type { Store, Stored } from '../ports.ts';

/** A document to save, and which version of the stored one it follows. */
export type Draft = { text: string; version: number };

/**
 * So many drafts of a document are tried, each on top of what another writer stored in between. A controller, its
 * successor and a person's console write the same one; none of them writes it several times within a second.
 */
export const TRIES = 6;

/**
 * Saves a document on top of whatever is stored by then. After a conflict what is stored is read, and `onTopOf` makes a
 * new draft of it; without one there is nothing to save any more. Answers the version that is stored now, or
 * `undefined` when none of the drafts was. Without a `first` draft what is stored is read first. Rejects with the fault
 * of a call that failed otherwise.
 */
export const saveOnTop = async (
  store: Pick<Store, 'load' | 'save'>,
  name: string,
  first: Draft | undefined,
  onTopOf: (stored: Stored | undefined) => Draft | undefined,
): Promise<number | undefined> => {
  let draft = first;
  for (let tries = 0; tries < TRIES; tries++) {
    draft ??= onTopOf((await store.load([name])).get(name));
    if (draft === undefined) return undefined;
    try {
      return await store.save(name, draft.text, draft.version);
    } catch (error) {
      if (!(error instanceof Fault) || error.code !== 'conflict') throw error;
    }
    draft = undefined;
  }
  return undefined;
};
