import { Fault, isUnanswered } from '../core/base/fault.ts';
import { DnsFault, serverText } from '../edge/dns.ts';
import type { Clock, DnsEdge } from '../ports.ts';

/**
 * How long a visit may last, milliseconds. A controller begins it 10 to 20 s after its own start and is over after 60
 * s; it has to save what was found, too.
 */
export const VISIT_MS = 30_000;
/** No further try begins later than this: the longest call takes 10 s (`LIMITS.change`). Milliseconds. */
const TRIES_BEGIN_MS = 20_000;
/** Before the second and the third try, milliseconds: a packet that was lost, and a service that throttles. */
const WAITS_MS = [2000, 4000];

/** Makes a call, and makes it again while it is not answered. What it comes to at last is handed on. */
export type Again = <T>(call: () => Promise<T>) => Promise<T>;

/** At most two more tries a few seconds apart, and none that would keep the visit from its end. */
export const tryAgain = (clock: Clock, signal: AbortSignal): Again => {
  const untilMs = clock.steady() + TRIES_BEGIN_MS;
  return async (call) => {
    for (const waitMs of WAITS_MS) {
      try {
        return await call();
      } catch (error) {
        if (!isPassing(error) || clock.steady() + waitMs >= untilMs) throw error;
      }
      await clock.sleep(waitMs, signal);
    }
    return call();
  };
};

/** Of DNS only silence passes: nobody listens at an address, or no way leads there, for more than seconds. */
const isPassing = (error: unknown): boolean =>
  error instanceof DnsFault ? error.reason === 'timeout' : error instanceof Fault && isUnanswered(error.code);

/**
 * DNS that asks again. A server that stayed silent through all tries is not asked any more in this visit: each of
 * hundreds of sites would wait for it.
 */
export const patientDns = (dns: DnsEdge, again: Again): DnsEdge => {
  const silent = new Map<string, DnsFault>();
  return {
    ...dns,
    ask: async (server, question, timeoutMs) => {
      const known = silent.get(serverText(server));
      if (known !== undefined) throw known;
      try {
        return await again(() => dns.ask(server, question, timeoutMs));
      } catch (error) {
        if (error instanceof DnsFault && error.reason === 'timeout') silent.set(serverText(server), error);
        throw error;
      }
    },
  };
};
