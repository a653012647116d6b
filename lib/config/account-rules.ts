import type { ConfigDraft } from './draft.ts';
import { expected, type Problem } from './problems.ts';
import { partitionOf } from './regions.ts';

/** What is wrong with zones in other accounts. */
export const accountRules = (zones: ConfigDraft['zones'], homeRegion: string | null): Problem[] => {
  const ids = new Map<string, string>();
  return (zones ?? []).flatMap((zone, index): Problem[] => {
    const { account, id } = zone ?? {};
    if (!account) return [];
    const path = `zones[${index}]`;
    const { roleArn, externalId } = account;
    const problems: Problem[] = [];
    if (id === undefined)
      problems.push({
        path: `${path}.id`,
        message: expected(
          'the id of the hosted zone',
          undefined,
          'a zone in another account is not made from here, so make it there and copy its id',
        ),
      });
    if (!roleArn || !externalId) return problems;
    const partition = roleArn.split(':')[1] ?? '';
    if (homeRegion !== null && partition !== partitionOf(homeRegion))
      problems.push({
        path: `${path}.account.roleArn`,
        message: expected(
          `a role in the partition ${partitionOf(homeRegion)}, as ${homeRegion} is`,
          roleArn,
          'no role can be assumed across partitions, so deploy to the account that has the zone',
        ),
      });
    const other = ids.get(roleArn);
    if (other !== undefined && other !== externalId)
      problems.push({
        path: `${path}.account.externalId`,
        message: expected(
          `${other}, as an earlier zone says of the same role`,
          externalId,
          'a role asks for one external id; write the same, or name another role',
        ),
      });
    ids.set(roleArn, other ?? externalId);
    return problems;
  });
};
