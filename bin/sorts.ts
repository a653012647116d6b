/** The orders in which `status` can list sites. */
export const SORTS = ['worst', 'name', 'since'] as const;
export type Sort = (typeof SORTS)[number];
