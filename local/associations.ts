/** What EC2 refuses, by its own code. */
export class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

export type Association = { id: string; holder: string };

/** What each Elastic IP is associated with, by allocation id, and what EC2 refuses to change about it. */
export type Associations = {
  of(allocationId: string): Association | undefined;
  /** The allocation that an association is of, while it is one. */
  allocationOf(associationId: string): string | undefined;
  /** An address that the same holder has already keeps its association. */
  associate(allocationId: string, holder: string, allowReassociation: boolean): Association;
  disassociate(associationId: string): void;
};

/** `newId` names an association that was never there before; `changed` is told of every change. */
export const newAssociations = (
  before: Iterable<[allocationId: string, holder: string]>,
  newId: () => string,
  changed: (allocationId: string, holder: string | undefined) => void = () => {},
): Associations => {
  const known = new Map<string, Association>();
  for (const [allocationId, holder] of before) known.set(allocationId, { id: newId(), holder });
  const allocationOf = (associationId: string): string | undefined =>
    [...known].find(([, { id }]) => id === associationId)?.[0];
  return {
    of: (allocationId) => known.get(allocationId),
    allocationOf,
    associate: (allocationId, holder, allowReassociation) => {
      const before = known.get(allocationId);
      if (before?.holder === holder) return before;
      if (before !== undefined && !allowReassociation) {
        throw new Refused(
          'Resource.AlreadyAssociated',
          `resource ${allocationId} is already associated with associate-id ${before.id}`,
        );
      }
      const association = { id: newId(), holder };
      known.set(allocationId, association);
      changed(allocationId, holder);
      return association;
    },
    disassociate: (associationId) => {
      const allocationId = allocationOf(associationId);
      if (allocationId === undefined) {
        throw new Refused(
          'InvalidAssociationID.NotFound',
          `The association ID '${associationId}' does not exist`,
        );
      }
      known.delete(allocationId);
      changed(allocationId, undefined);
    },
  };
};
