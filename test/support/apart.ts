import { fileURLToPath } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

type Call = { number: number; name: string; given: unknown[] };
type Answer = { number: number; came?: unknown; failed?: unknown };
type Waiting = { resolve: (came: never) => void; reject: (why: unknown) => void };

/** A module in a thread of its own. What is given to its functions, and what they come to, is copied. */
export type Apart = {
  call<Came>(name: string, ...given: unknown[]): Promise<Came>;
  close(): Promise<unknown>;
};

/**
 * The test runner follows every promise of the thread that runs the tests. A story in virtual time makes millions of them, and takes
 * twice the time there. So it is told in a thread of its own.
 */
export const apart = (module: URL): Apart => {
  const worker = new Worker(fileURLToPath(import.meta.url), { workerData: { module: module.href } });
  const waiting = new Map<number, Waiting>();
  let calls = 0;
  worker.on('message', ({ number, came, failed }: Answer) => {
    const asked = waiting.get(number);
    waiting.delete(number);
    if (failed === undefined) asked?.resolve(came as never);
    else asked?.reject(failed);
  });
  worker.on('error', (why) => {
    for (const asked of waiting.values()) asked.reject(why);
    waiting.clear();
  });
  return {
    call: (name, ...given) =>
      new Promise((resolve, reject) => {
        calls += 1;
        waiting.set(calls, { resolve, reject });
        worker.postMessage({ number: calls, name, given } satisfies Call);
      }),
    close: () => worker.terminate(),
  };
};

if (!isMainThread && parentPort !== null) {
  const port = parentPort;
  const module = (await import((workerData as { module: string }).module)) as Record<
    string,
    (...given: unknown[]) => unknown
  >;
  port.on('message', async ({ number, name, given }: Call) => {
    const run = module[name];
    const answer: Answer = await Promise.resolve()
      .then(() => {
        if (run === undefined) throw new Error(`Expected the module to export ${name}, received nothing.`);
        return run(...given);
      })
      .then(
        (came) => ({ number, came }),
        (failed: unknown) => ({ number, failed }),
      );
    port.postMessage(answer);
  });
}
