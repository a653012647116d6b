import { Fault } from '../core/base/fault.ts';
import type { ZoneAccount } from '../core/site/site.ts';
import type { Clock } from '../ports.ts';

/** Credentials of a role. Those that were got anew are another object. */
export type RoleCredentials = {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken: string;
  /** For how long they were asked for, milliseconds: counted from the question on our own clock, which need not be that of AWS. */
  lifeMs: number;
};

/** Asks STS for credentials of a role. Rejects with a `Fault`, within seconds. */
export type AssumeRole = (account: ZoneAccount) => Promise<RoleCredentials>;

export type KeptCredentials = {
  /**
   * Credentials that are good for a call now. Waits for STS only where there are none. Rejects with a `Fault` in STS' words: `denied`
   * where a person has to change something, else `unavailable`, since nothing has been sent to Route 53 then.
   */
  of(account: ZoneAccount): Promise<RoleCredentials>;
  /** These were refused as ended, whatever the clock here says: others are asked for. */
  refused(account: ZoneAccount, credentials: RoleCredentials): void;
};

/** STS is asked again so long after it failed, milliseconds; until then a call that has no credentials fails at once. */
const RETRY_MS = 10_000;
/** A call that is sent so shortly before the end may arrive after it, milliseconds. */
const ARRIVAL_MS = 1000;

type Kept = {
  credentials?: RoleCredentials;
  /** When they were asked for, milliseconds. */
  askedMs: number;
  /** STS is asked again so long after `triedMs`, both milliseconds. */
  waitMs: number;
  triedMs: number;
  asking?: Promise<void>;
  fault?: Fault;
};

/**
 * Credentials of roles, as one process keeps them: asked for when they are first wanted, asked for again from half of their life on
 * while calls go on with the old ones, and used to their end while STS is away. The SDK's own provider (`fromTemporaryCredentials`)
 * gives credentials up in their last five minutes when STS fails, which is when they are needed most.
 */
export const keepCredentials = (assume: AssumeRole, clock: Clock): KeptCredentials => {
  const roles = new Map<string, Kept>();
  const keptOf = ({ roleArn }: ZoneAccount): Kept => {
    const kept = roles.get(roleArn) ?? { askedMs: 0, triedMs: 0, waitMs: 0 };
    roles.set(roleArn, kept);
    return kept;
  };

  const ask = async (account: ZoneAccount, kept: Kept): Promise<void> => {
    const askedMs = clock.now();
    try {
      kept.credentials = await assume(account);
      Object.assign(kept, { askedMs, triedMs: askedMs, waitMs: kept.credentials.lifeMs / 2 });
      delete kept.fault;
    } catch (error) {
      kept.fault = unsent(error);
      Object.assign(kept, { triedMs: clock.now(), waitMs: RETRY_MS });
    }
    delete kept.asking;
  };

  return {
    of: async (account) => {
      const kept = keptOf(account);
      if (kept.asking === undefined && isDue(kept, clock)) kept.asking = ask(account, kept);
      if (!isGood(kept, clock)) await kept.asking;
      if (isGood(kept, clock)) return kept.credentials;
      throw kept.fault ?? unsent(new Error('expected credentials that last, received ones that have ended'));
    },
    refused: (account, credentials) => {
      const kept = keptOf(account);
      if (kept.credentials !== credentials) return;
      delete kept.credentials;
      kept.waitMs = 0;
    },
  };
};

/** A clock that was set back says nothing of how long it has been. */
const isDue = ({ triedMs, waitMs }: Kept, clock: Clock): boolean => {
  const sinceMs = clock.now() - triedMs;
  return sinceMs >= waitMs || sinceMs < 0;
};

const isGood = (kept: Kept, clock: Clock): kept is Kept & { credentials: RoleCredentials } =>
  kept.credentials !== undefined && clock.now() < kept.askedMs + kept.credentials.lifeMs - ARRIVAL_MS;

/**
 * Whatever STS answered, Route 53 was not asked: no batch was refused, no change is unknown there, and none may have been applied.
 * What it refuses it will refuse until somebody changes a role; everything else passes.
 */
const unsent = (error: unknown): Fault => {
  const code =
    error instanceof Fault && ['denied', 'refused', 'gone'].includes(error.code) ? 'denied' : 'unavailable';
  const words = error instanceof Fault ? error.message.replace(/^STS AssumeRole: /, '') : String(error);
  return new Fault(code, 'STS', 'AssumeRole', words, error);
};
