import { shownName, type ZoneChange } from './zone-rules.ts';

/**
 * What Route 53 says of changes to protected names (CreateResourceRecordSetProtections). Its documentation tells that the error is
 * InvalidChangeBatch, names the record set and repeats the comment; the sentence is ours. By type it protects one; here all of a name.
 */
export const protectionMessages = (
  protections: ReadonlyMap<string, string>,
  changes: readonly Pick<ZoneChange, 'record'>[],
): string[] => {
  const hit = new Map(
    changes.flatMap(({ record }) => {
      const comment = protections.get(record.name);
      return comment === undefined ? [] : [[`${record.name} ${record.type}`, { record, comment }] as const];
    }),
  );
  return [...hit.values()].map(
    ({ record, comment }) =>
      `The resource record set [name='${shownName(record.name)}', type='${record.type}'] is protected: ${comment}`,
  );
};
