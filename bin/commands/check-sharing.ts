import { functionNames } from '../../lambda/contract.ts';
import type { Account } from '../../lambda/core/doctor/facts.ts';
import type { Config } from '../../lambda/core/site/site.ts';
import { mayInvoke, sharingRoles } from '../../lambda/edge/iam.ts';
import type { Console } from '../console.ts';

/** Roles that are looked at: an account has one for each dashboard that is shared. */
const ROLES_MAX = 50;

/**
 * Whether somebody to whom a dashboard is shared could give orders: the roles that CloudWatch made for that, and whether one of them may call
 * the console. It is asked with the rights of who checks, since no function may look at roles.
 */
export const sharingOf = async (
  { aws }: Console,
  { deployment, homeRegion }: Config,
): Promise<Pick<Account, 'sharing' | 'sharingUnread'>> => {
  try {
    const roles = await sharingRoles(aws);
    const { console } = functionNames(deployment);
    const sharing = roles.slice(0, ROLES_MAX).map(async ({ name, arn }) => {
      const [, partition, , , account] = arn.split(':');
      const functionArn = `arn:${partition}:lambda:${homeRegion}:${account}:function:${console}`;
      return { role: name, mayOrder: await mayInvoke(aws, arn, functionArn) };
    });
    return { sharing: await Promise.all(sharing) };
  } catch (error) {
    return { sharingUnread: (error as Error).message };
  }
};
