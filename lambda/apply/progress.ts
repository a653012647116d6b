import type { Watch } from '../book/watch.ts';
import type { World } from '../ports.ts';

/** A line that has tried nothing for so long begins anew: what it failed at before says nothing of now. */
const REST_MS = 30_000;

/** Notes what a zone's line waits for, or failed at: people read it where a move is due and not made. */
export const waitFor = (world: World, watch: Watch, zone: string, waitsFor: string): void => {
  const nowMs = world.clock.now();
  const { stuckMs = nowMs, touchedMs = 0 } = watch.progress.get(zone) ?? {};
  const isRested = nowMs - touchedMs > REST_MS;
  watch.progress.set(zone, { stuckMs: isRested ? nowMs : stuckMs, touchedMs: nowMs, waitsFor });
};

/** Notes that a step of a zone's line was done. */
export const succeeded = (world: World, watch: Watch, zone: string): void => {
  const nowMs = world.clock.now();
  watch.progress.set(zone, { stuckMs: nowMs, touchedMs: nowMs, waitsFor: '' });
};
