import { Fault } from '../core/base/fault.ts';
import type { Clock, ReadParameters, Secrets } from '../ports.ts';

/** A value that was changed is in use after so long. */
const KEEP_MS = 300_000;
/** A store that is away, or lacks a parameter, is asked again no sooner. */
const RETRY_MS = 10_000;
/** A round waits no longer for a value that was never read; the first round after the answer uses it. */
const WAIT_MS = 1500;

/** What can be sent as a header (RFC 9110, 5.5), and as long as one that is configured. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]{1,4096}$/;

const unusable = (value: string | undefined): string | undefined => {
  if (value === undefined) return 'there is no such parameter';
  if (HEADER_VALUE.test(value)) return undefined;
  return 'its value is not one line of up to 4,096 Latin-1 characters, as a header must be';
};

/**
 * Secrets as one process knows them: read when they are first wanted, read again after five minutes while rounds go on with
 * the old values, and kept while the store is away. What was deleted there is forgotten: that is somebody's decision.
 */
export const keepSecrets = (read: ReadParameters, clock: Clock): Secrets => {
  const values = new Map<string, string>();
  const lacking = new Map<string, string>();
  const askedMs = new Map<string, number>();
  const reading = new Map<string, Promise<void>>();
  let away = false;
  let untold: Fault | undefined;

  const take = (name: string, value: string | undefined, wrong: string | undefined): void => {
    if (value !== undefined && wrong === undefined) {
      values.set(name, value);
      lacking.delete(name);
    } else if (wrong !== undefined) {
      if (lacking.get(name) !== wrong)
        untold = new Fault('gone', 'SSM', 'GetParameters', `${name}: ${wrong}`);
      lacking.set(name, wrong);
      values.delete(name);
    }
  };

  const readNow = async (names: string[]): Promise<void> => {
    try {
      const found = await read(names);
      away = false;
      for (const name of names) {
        const value = found.get(name)?.trim();
        take(name, value, unusable(value));
      }
    } catch (error) {
      away = true;
      untold = error instanceof Fault ? error : new Fault('lost', 'SSM', 'GetParameters', `${error}`, error);
    }
  };

  const isDue = (name: string, nowMs: number): boolean => {
    if (reading.has(name)) return false;
    const last = askedMs.get(name);
    return last === undefined || nowMs - last >= (values.has(name) && !away ? KEEP_MS : RETRY_MS);
  };

  return {
    of: async (names) => {
      const nowMs = clock.now();
      const due = [...new Set(names)].filter((name) => isDue(name, nowMs));
      if (due.length > 0) {
        const read = readNow(due).finally(() => {
          for (const name of due) reading.delete(name);
        });
        for (const name of due) {
          askedMs.set(name, nowMs);
          reading.set(name, read);
        }
      }
      const lacked = names.filter((name) => !values.has(name) && !lacking.has(name));
      const reads = lacked.flatMap((name) => reading.get(name) ?? []);
      if (reads.length > 0) {
        const over = new AbortController();
        await Promise.race([Promise.all(reads), clock.sleep(WAIT_MS, over.signal)]);
        over.abort();
      }
      const fault = untold;
      untold = undefined;
      return { values, lacking, ...(fault !== undefined && { fault }) };
    },
  };
};
