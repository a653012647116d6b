import { appendFileSync } from 'node:fs';
import type { Statement } from './iam.ts';
import type { Demand } from './service.ts';

/**
 * Environment variable with the name of a file. Every start of the local cloud then appends to it what its functions' roles grant,
 * and what the functions asked for: one `PermissionLine` a line.
 */
export const PERMISSIONS_FILE = 'SWITCHOVER_PERMISSIONS';

/** `function` is what kind it is, without the deployment's name: `controller`, `console`, `prober`. */
export type PermissionLine =
  | { said: 'granted'; deployment: string; function: string; statements: Statement[] }
  | { said: 'asked'; deployment: string; function: string; demand: Demand; allowed: boolean };

/** Told of every permission that a function's call needed, and of the role that it was called as. */
export type OnDemand = (
  caller: { functionName: string; role?: string },
  demand: Demand,
  allowed: boolean,
) => void;

/** What a role in another account is called in the report: it is the same for each function that assumes it. */
const ROLE_ABROAD = /^arn:aws:iam::\d{12}:role\/.*?(-read)?$/;

/** One of several controllers is a controller. */
const kindOf = (deployment: string, functionName: string, role: string): string => {
  const abroad = ROLE_ABROAD.exec(role);
  if (abroad !== null) return `zone-role${abroad[1] ?? ''}`;
  return functionName.slice(deployment.length + 1).replace(/-\d+$/, '');
};

/** Notes what is granted now and answers who notes what is asked; undefined when nobody wants to know. */
export const notePermissions = (
  deployment: string,
  functions: { name: string; role: string }[],
  policies: Record<string, Statement[]>,
): OnDemand | undefined => {
  const file = process.env[PERMISSIONS_FILE];
  if (!file) return undefined;
  const note = (line: PermissionLine) => appendFileSync(file, `${JSON.stringify(line)}\n`);
  for (const { name, role } of functions)
    note({
      said: 'granted',
      deployment,
      function: kindOf(deployment, name, role),
      statements: policies[role] ?? [],
    });
  return ({ functionName, role = '' }, demand, allowed) =>
    note({
      ...{ said: 'asked', deployment, demand, allowed },
      function: kindOf(deployment, functionName, role),
    });
};
