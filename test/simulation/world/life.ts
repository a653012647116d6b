import type { VirtualClock } from '../../../fixtures/virtual/clock.ts';
import type { Observation, ProberEvent } from '../../../lambda/core/probe/request.ts';
import type { Config } from '../../../lambda/core/site/site.ts';
import type { Change } from '../../../lambda/core/zone/records.ts';
import type { Addresses, Clock, DnsEdge, ReadParameters, World, Zones } from '../../../lambda/ports.ts';
import type { Random } from '../random.ts';

/**
 * One process: a controller from its event to its end, or the console function with one order. It can be killed, and then
 * nothing of it ever happens again; or stopped, and then it goes on later with the plans it had.
 */
export type Life = {
  id: string;
  who: 'controller' | 'hand';
  config: Config;
  bornMs: number;
  /** How far its clock is ahead, now, and the furthest it ever was in either direction. */
  skewMs: number;
  mostSkewMs: number;
  dead: boolean;
  over: boolean;
  frozenUntilMs: number;
  /** How long it has been stopped in all, milliseconds. */
  frozenMs: number;
  /** Its own stream, for the delays that it meets. */
  random: Random;
};

export const newLife = (
  given: Pick<Life, 'id' | 'who' | 'config' | 'bornMs' | 'skewMs' | 'random'>,
): Life => ({
  ...given,
  mostSkewMs: Math.abs(given.skewMs),
  dead: false,
  over: false,
  frozenUntilMs: 0,
  frozenMs: 0,
});

export const freeze = (life: Life, nowMs: number, forMs: number): void => {
  const untilMs = Math.max(life.frozenUntilMs, nowMs + forMs);
  life.frozenMs += untilMs - Math.max(life.frozenUntilMs, nowMs);
  life.frozenUntilMs = untilMs;
};

export const skew = (life: Life, byMs: number): void => {
  life.skewMs += byMs;
  life.mostSkewMs = Math.max(life.mostSkewMs, Math.abs(life.skewMs));
};

/** What may befall a process just before or just after one of its calls: it may set `dead` or freeze the life. */
export type Strike = (life: Life, when: 'before' | 'after') => void;

const forever = (): Promise<never> => new Promise(() => {});

/** When a process asked for something: true time, and what its own clock showed. */
export type Asked = { atMs: number; clockMs: number };

/** EC2 behind a process. What changes anything is told when the process asked for it. */
export type Ec2 = {
  find: Addresses['find'];
  disassociate(associationId: string, asked: Asked): Promise<void>;
  associate(allocationId: string, holder: string, asked: Asked): Promise<void>;
};

/** The parts of the world behind a process. Two calls are told when the process made them, however long it was stopped there. */
export type Parts = Pick<World, 'events' | 'store' | 'topic'> & {
  dns: DnsEdge;
  probe(vantage: string, event: ProberEvent, asked: Asked): Promise<Observation[]>;
  change(zoneId: string, changes: Change[], asked: Asked): Promise<{ changeId: string }>;
  zones: Pick<Zones, 'list' | 'changeStatus'>;
  parameters: ReadParameters;
  /** Where addresses move. */
  addresses?: Ec2;
};

/** The world as a process that can die or stop sees it. */
export const lived = (
  life: Life,
  clock: VirtualClock,
  strike: Strike,
  parts: Parts,
): Pick<World, 'clock' | 'probers' | 'zones' | 'store' | 'topic' | 'events' | 'dns' | 'addresses'> &
  Pick<Parts, 'parameters'> => {
  const alive = async (): Promise<void> => {
    while (life.frozenUntilMs > clock.now() && !life.dead)
      await clock.sleep(life.frozenUntilMs - clock.now());
    if (life.dead) await forever();
  };
  const asked = (): Asked => ({ atMs: clock.now(), clockMs: clock.now() + life.skewMs });
  const call = async <T>(run: () => Promise<T>): Promise<T> => {
    strike(life, 'before');
    if (life.dead || life.frozenUntilMs > clock.now()) await alive();
    const outcome: { value: T } | { error: unknown } = await run().then(
      (value) => ({ value }),
      (error: unknown) => ({ error }),
    );
    strike(life, 'after');
    if (life.dead || life.frozenUntilMs > clock.now()) await alive();
    if ('error' in outcome) throw outcome.error;
    return outcome.value;
  };
  const wrap = <T extends object>(part: T): T =>
    Object.fromEntries(
      Object.entries(part).map(([name, method]) => [
        name,
        (...args: unknown[]) => call(() => method.apply(part, args) as Promise<unknown>),
      ]),
    ) as T;
  const own: Clock = {
    now: () => clock.now() + life.skewMs,
    steady: () => clock.now(),
    sleep: async (ms, signal) => {
      await clock.sleep(ms, signal);
      if (life.dead || life.frozenUntilMs > clock.now()) await alive();
    },
  };
  return {
    clock: own,
    probers: {
      probe: (vantage, event) => {
        const at = asked();
        return call(() => parts.probe(vantage, event, at));
      },
    },
    zones: {
      ...wrap(parts.zones),
      change: (zoneId, changes) => {
        const at = asked();
        return call(() => parts.change(zoneId, changes, at));
      },
    },
    dns: { ...parts.dns, ask: (...args) => call(() => parts.dns.ask(...args)) },
    ...(parts.addresses && { addresses: movingBy(parts.addresses, asked, call) }),
    store: wrap(parts.store),
    topic: wrap(parts.topic),
    events: wrap(parts.events),
    parameters: (names) => call(() => parts.parameters(names)),
  };
};

const movingBy = (
  ec2: Ec2,
  asked: () => Asked,
  call: <T>(run: () => Promise<T>) => Promise<T>,
): Addresses => ({
  find: (region, ids) => call(() => ec2.find(region, ids)),
  disassociate: (_, associationId) => {
    const at = asked();
    return call(() => ec2.disassociate(associationId, at));
  },
  associate: (_, allocationId, holder) => {
    const at = asked();
    return call(() => ec2.associate(allocationId, holder, at));
  },
});
