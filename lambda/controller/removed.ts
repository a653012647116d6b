import { changeDeployment } from '../book/change.ts';
import { readFault } from '../book/table.ts';
import type { Watch } from '../book/watch.ts';
import { parseDeployment } from '../core/state/deployment-state.ts';
import { formerKeys, leftWith, removedSites, tellRemoved } from '../core/steps/removed.ts';
import type { World } from '../ports.ts';

/** What a deploy took out of the configuration is told once; the first round saves that it is owed. */
export const noticeRemoved = async (world: World, watch: Watch): Promise<void> => {
  const { deployment } = watch;
  const { config, clock, store } = world;
  try {
    const keys = formerKeys(deployment.state, config);
    const former = keys.length === 0 ? [] : [...(await store.load(keys)).values()];
    const states = [deployment.state, ...former.flatMap(({ text }) => parseDeployment(text) ?? [])];
    const gone = removedSites(states, config);
    const stored = gone.length === 0 ? new Map() : await store.load(gone);
    const removed = new Map(gone.map((name) => [name, leftWith(stored.get(name)?.text)]));
    changeDeployment(watch, (state) => tellRemoved(state, removed, config, clock.now()));
  } catch (error) {
    // It is still noted as watched, so the next controller notices.
    readFault(world, watch, error);
  }
};
