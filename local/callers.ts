import { accessKeyFor, type Credentials, OPERATOR } from './credentials.ts';

/** Who may sign calls, and whose policy they are held to. */
export type Caller = Pick<Credentials, 'secretAccessKey'> & {
  /** `functionName@region`, or `operator`. */
  id: string;
  functionName: string;
  /** ARN, as refusals name it. */
  principal: string;
  /** Whose calls these are. */
  accountId: string;
  /** ARN of the user or role, as conditions on `aws:PrincipalArn` name it. */
  principalArn: string;
  /** The operator has none and may do everything. */
  role?: string;
};

/** The operator and every function, by access key id. */
export const callersByKey = (
  functions: { name: string; region: string; role: string }[],
  accountId: string,
): Map<string, Caller> => {
  const { accessKeyId, secretAccessKey } = OPERATOR;
  const principal = `arn:aws:iam::${accountId}:user/operator`;
  const callers = new Map<string, Caller>([
    [
      accessKeyId,
      {
        ...{ id: 'operator', functionName: 'operator', principal, secretAccessKey, accountId },
        principalArn: principal,
      },
    ],
  ]);
  for (const { name, region, role } of functions) {
    const keys = accessKeyFor(name, region);
    callers.set(keys.accessKeyId, {
      id: `${name}@${region}`,
      functionName: name,
      principal: `arn:aws:sts::${accountId}:assumed-role/${role}/${name}`,
      secretAccessKey: keys.secretAccessKey,
      accountId,
      principalArn: `arn:aws:iam::${accountId}:role/${role}`,
      role,
    });
  }
  return callers;
};
