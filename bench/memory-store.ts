import { Fault } from '../lambda/core/base/fault.ts';
import type { Baton } from '../lambda/core/state/baton.ts';
import type { Store, Stored } from '../lambda/ports.ts';

/** The state table in memory, with the same conditions and no history: what is measured is what the controller does with it. */
export const memoryStore = (): Store => {
  const documents = new Map<string, Stored>();
  let baton: Baton = { term: 0, scheduledMs: 0, lastRoundMs: 0, wake: 0 };
  return {
    load: async (names) =>
      new Map(
        names.flatMap((name) => {
          const stored = documents.get(name);
          return stored === undefined ? [] : [[name, stored] as const];
        }),
      ),
    save: async (name, text, version) => {
      if ((documents.get(name)?.version ?? 0) !== version)
        throw new Fault('conflict', 'DynamoDB', 'PutItem', `${name} is no longer at version ${version}`);
      documents.set(name, { text, version: version + 1 });
      return version + 1;
    },
    takeBaton: async (scheduledMs) => {
      if (baton.scheduledMs >= scheduledMs) return undefined;
      baton = { ...baton, term: baton.term + 1, scheduledMs };
      return baton;
    },
    keepBaton: async (term, note) => {
      if (baton.term !== term) return undefined;
      baton = { ...baton, ...note };
      return baton;
    },
    readBaton: async () => baton,
    record: async () => {},
    history: async () => [],
    wake: async () => {
      baton = { ...baton, wake: baton.wake + 1 };
    },
  };
};
