import type { Book } from '../book/book.ts';
import { changeDeployment } from '../book/change.ts';
import { readFault } from '../book/table.ts';
import { parseDeployment } from '../core/state/deployment-state.ts';
import { formerKeys, leftWith, removedSites, tellRemoved } from '../core/steps/removed.ts';

/** What a deploy took out of the configuration is told once; the first round saves that it is to be told. */
export const noticeRemoved = async (book: Book): Promise<void> => {
  const { clock, config, deployment, store } = book;
  try {
    const keys = formerKeys(deployment.state, config);
    const former = keys.length === 0 ? [] : [...(await store.load(keys)).values()];
    const states = [deployment.state, ...former.flatMap(({ text }) => parseDeployment(text) ?? [])];
    const gone = removedSites(states, config);
    const stored = gone.length === 0 ? new Map() : await store.load(gone);
    const removed = new Map(gone.map((name) => [name, leftWith(stored.get(name)?.text)]));
    changeDeployment(book, (state) => tellRemoved(state, removed, config, clock.now()));
  } catch (error) {
    // It is still noted as watched, so the next controller notices.
    readFault(book, error);
  }
};
