import { randomUUID } from 'node:crypto';
import { escapeXml } from '../lib/escape-xml.ts';
import { type ForeignRole, trusts } from './foreign-roles.ts';
import { type Call, type Reply, type Service, xml } from './service.ts';
import type { Session, Sessions } from './sessions.ts';

export type StsOptions = {
  /** Those that can be assumed: the roles of other accounts. */
  roles: ForeignRole[];
  sessions: Sessions;
};

const NAMESPACE = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** The life of credentials, seconds: the least, what is given unless something else is asked for, and the most for a role that a role assumes. */
const LIFE_SECONDS = { least: 900, usual: 3600, most: 3600 };

/** `AssumeRole`, in the query protocol that the SDK speaks to STS. */
export const stsService = ({ roles, sessions }: StsOptions): Service => {
  const operation = (call: Call) => (formOf(call).get('Action') === 'AssumeRole' ? 'AssumeRole' : undefined);
  const roleArnOf = (call: Call): string => formOf(call).get('RoleArn') ?? '';
  return {
    name: 'sts',
    operations: ['AssumeRole'],
    operation,
    demands: (call) => [{ action: 'sts:AssumeRole', resource: roleArnOf(call), context: {} }],
    handle: async (call) => {
      const form = formOf(call);
      const name = form.get('RoleSessionName') ?? '';
      const seconds = Number(form.get('DurationSeconds') ?? LIFE_SECONDS.usual);
      const invalid = invalidity(name, seconds);
      if (invalid !== undefined) return refusal(400, 'ValidationError', invalid);
      const role = roles.find(({ arn }) => arn === roleArnOf(call));
      const { principalArn = '', account: accountId = '', principal = '' } = call;
      const externalId = form.get('ExternalId') ?? undefined;
      // Whether there is no such role, or it does not let the caller in, is not told apart.
      if (role === undefined || !trusts(role, { principalArn, accountId, externalId }))
        return refusal(
          403,
          'AccessDenied',
          `User: ${principal} is not authorized to perform: sts:AssumeRole on resource: ${roleArnOf(call)}`,
        );
      return granted(sessions.open(call, role, name, seconds));
    },
    error: refusal,
  };
};

const formOf = (call: Call): URLSearchParams => new URLSearchParams(call.body.toString('utf8'));

const invalidity = (name: string, seconds: number): string | undefined => {
  if (!/^[\w+=,.@-]{2,64}$/.test(name))
    return `1 validation error detected: Value '${name}' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*`;
  if (seconds > LIFE_SECONDS.most)
    return 'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining';
  return seconds >= LIFE_SECONDS.least
    ? undefined
    : `1 validation error detected: Value '${seconds}' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to ${LIFE_SECONDS.least}`;
};

const granted = ({ accessKeyId, secretAccessKey, token, expiresMs, principal }: Session): Reply =>
  xml(
    200,
    `<AssumeRoleResponse xmlns="${NAMESPACE}"><AssumeRoleResult>` +
      `<AssumedRoleUser><AssumedRoleId>AROALOCAL:session</AssumedRoleId><Arn>${escapeXml(principal)}</Arn></AssumedRoleUser>` +
      `<Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey>` +
      `<SessionToken>${escapeXml(token)}</SessionToken><Expiration>${new Date(expiresMs).toISOString()}</Expiration></Credentials>` +
      `</AssumeRoleResult><ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata></AssumeRoleResponse>`,
  );

const refusal = (status: number, code: string, message: string): Reply =>
  xml(
    status,
    `<ErrorResponse xmlns="${NAMESPACE}"><Error><Type>${status < 500 ? 'Sender' : 'Receiver'}</Type><Code>${escapeXml(code)}</Code>` +
      `<Message>${escapeXml(message)}</Message></Error><RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
