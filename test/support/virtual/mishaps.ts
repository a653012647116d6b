import { Fault, type FaultCode } from '../../../lambda/core/base/fault.ts';
import type { World } from '../../../lambda/ports.ts';
import type { VirtualClock } from './clock.ts';

/** One function's process: it can be killed, or stopped for a while, at any call it makes to the world. */
export type Life = { dead: boolean; frozenUntilMs: number };

/** What becomes of the next call of one name that any function makes; `attempt` makes the call. */
export type Mishap = {
  /** A method of the world's parts: `list change changeStatus load save takeBaton keepBaton readBaton publish probe …`. */
  call: string;
  play: (attempt: () => Promise<unknown>, life: Life) => Promise<unknown>;
};

export const newLife = (): Life => ({ dead: false, frozenUntilMs: 0 });

const forever = (): Promise<never> => new Promise(() => {});

/** The world as a process sees it that may die or stop: then no call of its comes back, and none reaches the world any more. */
export const mortal = (seen: World, life: Life, mishaps: Mishap[], clock: VirtualClock): World => {
  const alive = async (): Promise<void> => {
    while (life.frozenUntilMs > clock.now()) await clock.sleep(life.frozenUntilMs - clock.now());
    if (life.dead) await forever();
  };
  const guarded = async (call: string, run: () => Promise<unknown>): Promise<unknown> => {
    await alive();
    const at = mishaps.findIndex((mishap) => mishap.call === call);
    const mishap = at < 0 ? undefined : mishaps.splice(at, 1)[0];
    const outcome = await (mishap === undefined ? run() : mishap.play(run, life)).then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    await alive();
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  };
  const wrap = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, member]) => [
        name,
        typeof member === 'function'
          ? (...args: unknown[]) => guarded(name, () => member.apply(part, args))
          : member,
      ]),
    ) as T;
  return {
    ...seen,
    clock: {
      now: seen.clock.now,
      steady: seen.clock.steady,
      sleep: async (ms, signal) => {
        await seen.clock.sleep(ms, signal);
        await alive();
      },
    },
    probers: wrap(seen.probers),
    zones: wrap(seen.zones),
    ...(seen.addresses && { addresses: wrap(seen.addresses) }),
    store: wrap(seen.store),
    topic: wrap(seen.topic),
    events: wrap(seen.events),
    log: (line) => {
      if (!life.dead) seen.log(line);
    },
  };
};

const FAULTS: readonly FaultCode[] = [
  'denied',
  'throttled',
  'busy',
  'refused',
  'gone',
  'lost',
  'unavailable',
];

/**
 * A mishap by its name in a scenario:
 * `lost` (never arrived, no answer), `answer-lost` (done, no answer), `late SECONDS` (no answer, done so much later),
 * `twice` (arrived and was done twice, the first answer counts; `twice-second-answer`), `stall SECONDS` (on its way for so long), `crash-before`, `crash-after`, or a fault code (`denied`, `refused`, …).
 */
export const mishapNamed = (call: string, how: string, seconds: number, clock: VirtualClock): Mishap => {
  const fault = (code: FaultCode) => new Fault(code, 'the virtual world', call, `told to answer ${code}`);
  const play = ((): Mishap['play'] => {
    switch (how) {
      case 'answer-lost':
        return async (attempt) => {
          await attempt();
          throw fault('lost');
        };
      case 'late':
        return async (attempt) => {
          void clock
            .sleep(seconds * 1000)
            .then(attempt)
            .catch(() => {});
          throw fault('lost');
        };
      case 'stall':
        return async (attempt) => {
          await clock.sleep(seconds * 1000);
          return attempt();
        };
      case 'twice':
        return async (attempt) => {
          const answer = await attempt();
          await attempt().catch(() => {});
          return answer;
        };
      case 'twice-second-answer':
        return async (attempt) => {
          await attempt();
          return attempt();
        };
      case 'crash-before':
        return (_, life) => {
          life.dead = true;
          return forever();
        };
      case 'crash-after':
        return async (attempt, life) => {
          await attempt();
          life.dead = true;
        };
      default: {
        const code = FAULTS.find((known) => known === how);
        if (code === undefined) throw new Error(`Expected a mishap (see mishapNamed), received ${how}.`);
        return async () => {
          throw fault(code);
        };
      }
    }
  })();
  return { call, play };
};
