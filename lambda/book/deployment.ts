import { Fault } from '../core/base/fault.ts';
import { same } from '../core/base/same.ts';
import { isoTime } from '../core/base/time.ts';
import { deploymentKey, emptyDeployment, parseDeployment } from '../core/state/deployment-state.ts';
import { mergeDeployment } from '../core/state/merge-deployment.ts';
import { logFault } from '../log/lines.ts';
import type { Stored } from '../ports.ts';
import type { Book } from './book.ts';
import { type Draft, saveOnTop } from './save-on-top.ts';
import { isAway, readFault } from './table.ts';

/** Saves what matters of the deployment; answers whether it is stored now. What is not, this process remembers. */
export const saveDeployment = async (book: Book): Promise<boolean> => {
  await book.deploymentSaving;
  if (isDeploymentStored(book)) {
    delete book.memory.deployment;
    return true;
  }
  if (!book.deploymentRead || book.deployment.version === undefined || isAway(book)) return remember(book);
  const saving = putDeployment(book);
  book.deploymentSaving = saving.finally(() => delete book.deploymentSaving);
  return await saving;
};

/** Whether everything that matters of the deployment is stored. */
export const isDeploymentStored = ({ deployment: { state, stored } }: Book): boolean =>
  stored !== undefined && same(state, stored);

const putDeployment = async (book: Book): Promise<boolean> => {
  let { state: sent } = book.deployment;
  const draft = (): Draft => {
    sent = book.deployment.state;
    return { text: JSON.stringify(sent), version: book.deployment.version ?? 0 };
  };
  try {
    const version = await saveOnTop(book.store, deploymentKey(book.config), draft(), (document) => {
      takeInDeployment(book, document);
      return book.deployment.version === undefined || isDeploymentStored(book) ? undefined : draft();
    });
    if (version !== undefined) book.deployment = { ...book.deployment, version, stored: sent };
    if (version === undefined && !isDeploymentStored(book)) return remember(book);
    delete book.memory.deployment;
    return true;
  } catch (error) {
    // The table is there and takes no such document.
    if (error instanceof Fault && error.code === 'refused') book.work.noteDefect(error);
    else if (error instanceof Fault) logFault(book, 'store', error);
    else book.work.noteDefect(error);
    return remember(book);
  }
};

const remember = ({ memory, deployment }: Book): false => {
  memory.deployment = { ...deployment };
  return false;
};

/** Reads what the predecessor left about the deployment. */
export const loadDeployment = async (book: Book): Promise<void> => {
  try {
    const key = deploymentKey(book.config);
    takeInDeployment(book, (await book.store.load([key])).get(key));
  } catch (error) {
    readFault(book, error);
  } finally {
    book.deploymentRead = true;
  }
};

/** Takes in what was read, as that of a site. One that this version cannot read is left, and never overwritten. */
const takeInDeployment = (book: Book, document: Stored | undefined): void => {
  const { state, stored: base = emptyDeployment(), version } = book.deployment;
  if (document === undefined) {
    book.deployment = { state, version: 0 };
    return;
  }
  const found = parseDeployment(document.text);
  if (found === undefined) {
    book.deployment = { state, version: undefined };
    logUnreadable(book);
    return;
  }
  const isOwn = version === document.version;
  book.deployment = {
    state: isOwn ? state : mergeDeployment(base, state, found),
    version: document.version,
    stored: found,
  };
};

const logUnreadable = ({ config, clock, log }: Book): void =>
  log({
    event: 'error',
    code: 'state-unreadable',
    message: `What is stored of ${config.deployment} as a whole is not one this version understands; it is left as it is and nothing is saved.`,
    at: isoTime(clock.now()),
  });
