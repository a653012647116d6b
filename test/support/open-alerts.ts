import type { AlertEvent } from '../../lambda/core/messages/event.ts';

/** What pagers would have open after these events: opened, and not ended by a later one. */
export const openIn = (events: readonly Pick<AlertEvent, 'state' | 'dedupKey' | 'ends'>[]): string[] => {
  const open = new Set<string>();
  for (const { state, dedupKey, ends } of events) {
    for (const key of ends) open.delete(key);
    if (state === 'trigger') open.add(dedupKey);
  }
  return [...open];
};
