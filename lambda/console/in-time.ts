import { soon } from '../async/deadline.ts';
import { Fault } from '../core/base/fault.ts';
import type { Clock, Store, World } from '../ports.ts';

/** A person waits for the answer: what takes longer than this is done without, as if it were away. */
export const IN_TIME_MS = 3000;

/** The table as a person waits for it: a call that is not answered in time counts as lost. */
export const inTimeStore = ({
  clock,
  store,
}: Pick<World, 'clock' | 'store'>): Pick<Store, 'load' | 'save'> => ({
  load: (names) => answered(clock, 'BatchGetItem', store.load(names)),
  save: (name, text, version) => answered(clock, 'PutItem', store.save(name, text, version)),
});

const answered = async <T>(clock: Clock, operation: string, work: Promise<T>): Promise<T> => {
  if (!(await soon(clock, IN_TIME_MS, work)))
    throw new Fault(
      'lost',
      'DynamoDB',
      operation,
      `expected an answer within ${IN_TIME_MS} ms, received none`,
    );
  return work;
};
