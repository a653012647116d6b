import { Fault } from '../core/base/fault.ts';

/** What `work` comes to; `undefined` where the outside kept it from it. */
export const orUndefined = async <T>(work: Promise<T>): Promise<T | undefined> => {
  const found = await orFault(work);
  return found instanceof Fault ? undefined : found;
};

/** The same, or the fault with which the outside kept it from it. */
export const orFault = async <T>(work: Promise<T>): Promise<T | Fault> => {
  try {
    return await work;
  } catch (error) {
    if (error instanceof Fault) return error;
    throw error;
  }
};
