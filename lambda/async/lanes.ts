import type { Clock } from '../ports.ts';

/**
 * Lines of work, one for each key, none of which waits for another. What becomes due while a line works is done
 * together afterwards, on what is known by then: a line that stands still for minutes piles up nothing that is old.
 */
export type Lanes<Item> = {
  /** Ends when work that began after this call, with this item among its items, has ended. */
  add(key: string, item: Item): Promise<void>;
};

type Lane<Item> = { waiting: Set<Item>; busy: Promise<void>; next?: Promise<void> };

/** `work` must not reject. */
export const newLanes = <Item>(
  clock: Clock,
  work: (key: string, items: Item[]) => Promise<void>,
): Lanes<Item> => {
  const lanes = new Map<string, Lane<Item>>();
  const nextOf = async (key: string, lane: Lane<Item>): Promise<void> => {
    await lane.busy;
    // What becomes due in the same moment goes along.
    await clock.sleep(0);
    const items = [...lane.waiting];
    lane.waiting.clear();
    delete lane.next;
    lane.busy = work(key, items);
    await lane.busy;
  };
  return {
    add: (key, item) => {
      const lane = lanes.get(key) ?? { waiting: new Set(), busy: Promise.resolve() };
      lanes.set(key, lane);
      lane.waiting.add(item);
      lane.next ??= nextOf(key, lane);
      return lane.next;
    },
  };
};
