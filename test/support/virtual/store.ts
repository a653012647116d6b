import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Baton } from '../../../lambda/core/state/baton.ts';
import type { Entry } from '../../../lambda/core/state/history.ts';
import type { Store, Stored } from '../../../lambda/ports.ts';

/** The state table in memory, with the same conditions. What is kept outlives every controller. */
export type VirtualStore = Store & {
  documents: Map<string, Stored>;
  entries: Map<string, Map<string, Entry>>;
  baton: Baton | undefined;
  away: boolean;
};

export const virtualStore = (): VirtualStore => {
  const guard = (operation: string) => {
    if (store.away) throw new Fault('unavailable', 'DynamoDB', operation, 'the virtual table is away');
  };
  const store: VirtualStore = {
    documents: new Map(),
    entries: new Map(),
    baton: undefined,
    away: false,
    async load(names) {
      guard('BatchGetItem');
      return new Map(
        names.flatMap((name) => {
          const stored = store.documents.get(name);
          return stored === undefined ? [] : [[name, stored] as const];
        }),
      );
    },
    async save(name, text, version) {
      guard('PutItem');
      if ((store.documents.get(name)?.version ?? 0) !== version) {
        throw new Fault('conflict', 'DynamoDB', 'PutItem', `${name} is no longer at version ${version}`);
      }
      store.documents.set(name, { text, version: version + 1 });
      return version + 1;
    },
    async takeBaton(scheduledMs) {
      guard('UpdateItem');
      if (store.baton !== undefined && store.baton.scheduledMs >= scheduledMs) return undefined;
      const before = store.baton ?? { term: 0, lastRoundMs: 0, wake: 0 };
      store.baton = { ...before, term: before.term + 1, scheduledMs };
      return store.baton;
    },
    async keepBaton(term, note) {
      guard('UpdateItem');
      if (store.baton?.term !== term) return undefined;
      store.baton = { ...store.baton, ...note };
      return store.baton;
    },
    async readBaton() {
      guard('GetItem');
      return store.baton;
    },
    async record(name, entries) {
      guard('BatchWriteItem');
      const known = store.entries.get(name) ?? new Map();
      for (const entry of entries) known.set(entry.id, entry);
      store.entries.set(name, known);
    },
    async history(name, limit, untilMs = Number.POSITIVE_INFINITY) {
      guard('Query');
      const known = [...(store.entries.get(name)?.values() ?? [])].filter((e) => e.atMs <= untilMs);
      return known.sort((a, b) => (a.id < b.id ? 1 : -1)).slice(0, limit);
    },
    async wake() {
      guard('UpdateItem');
      const before = store.baton ?? { term: 0, scheduledMs: 0, lastRoundMs: 0, wake: 0 };
      store.baton = { ...before, wake: before.wake + 1 };
    },
  };
  return store;
};
