import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { ZoneAccount } from '../core/site/site.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { LIMITS } from './limits.ts';
import type { AssumeRole } from './role-credentials.ts';

/**
 * Seconds that credentials are asked for: an hour is the most for a role that is assumed by a role, as each function is (IAM user
 * guide, "role chaining"), and the least that a role can be set to as its most.
 */
const LIFE_SECONDS = 3600;

/** The client of STS. Without a place its region is the function's own, and so is its endpoint: no other region has a part in it. */
export const stsClient = (place: Place = {}): STSClient =>
  new STSClient({ ...place, ...clientOptions(LIMITS.assume) });

/** Assumes roles, each under the name of the session: CloudTrail in the other account shows it. Rejects with a `Fault`. */
export const stsAssumeRole =
  (client: STSClient, session: string, bound: Bound = {}): AssumeRole =>
  async ({ roleArn, externalId }: ZoneAccount) => {
    const command = new AssumeRoleCommand({
      RoleArn: roleArn,
      ExternalId: externalId,
      RoleSessionName: session,
      DurationSeconds: LIFE_SECONDS,
    });
    const toFault = (error: unknown) => faultOf('STS', 'AssumeRole', error);
    const { Credentials: given } = await call(
      toFault,
      { callMs: LIMITS.assume.callMs, ...bound },
      (abortSignal) => client.send(command, { abortSignal }),
    );
    const { AccessKeyId, SecretAccessKey, SessionToken } = given ?? {};
    if (!AccessKeyId || !SecretAccessKey || !SessionToken)
      throw toFault(new Error('expected credentials, received an answer without them'));
    return {
      accessKeyId: AccessKeyId,
      secretAccessKey: SecretAccessKey,
      sessionToken: SessionToken,
      lifeMs: LIFE_SECONDS * 1000,
    };
  };
