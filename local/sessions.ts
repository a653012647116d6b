import { createHash, randomBytes } from 'node:crypto';
import type { Caller } from './callers.ts';
import type { ForeignRole } from './foreign-roles.ts';
import type { Call } from './service.ts';

/** Credentials of a role that was assumed. */
export type Session = {
  accessKeyId: string;
  secretAccessKey: string;
  token: string;
  /** ARN of the role's session, as refusals name it. */
  principal: string;
  role: ForeignRole;
  expiresMs: number;
};

export type Sessions = {
  /** Lets the caller in as the role, for so many seconds. */
  open(call: Call, role: ForeignRole, name: string, seconds: number): Session;
  /** The one that signs with this key, and whether the key has ended. */
  find(accessKeyId: string): (Caller & { token: string; ended: boolean }) | undefined;
};

/** Sessions of roles in other accounts; they end with the process, or when their time is over on the clock `now`. */
export const newSessions = (now: () => number = Date.now): Sessions => {
  const sessions = new Map<string, Session & { caller: string }>();
  return {
    open(call, role, name, seconds) {
      const token = randomBytes(48).toString('base64');
      const session = {
        accessKeyId: `ASIA${createHash('sha256').update(token).digest('hex').slice(0, 16).toUpperCase()}`,
        secretAccessKey: randomBytes(30).toString('base64url'),
        token,
        principal: `arn:aws:sts::${role.accountId}:assumed-role/${role.name}/${name}`,
        role,
        expiresMs: now() + seconds * 1000,
        caller: call.caller,
      };
      sessions.set(session.accessKeyId, session);
      return session;
    },
    find(accessKeyId) {
      const session = sessions.get(accessKeyId);
      if (session === undefined) return undefined;
      const { caller, role, principal, secretAccessKey, token, expiresMs } = session;
      return {
        // Whatever it is called as, it is the function that calls.
        ...{ id: caller, functionName: caller.split('@')[0] ?? '', principal, secretAccessKey, token },
        ...{ role: role.arn, accountId: role.accountId, principalArn: role.arn },
        ended: now() >= expiresMs,
      };
    },
  };
};
