/**
 * A record set as Route 53 lists it. Names are normalised (lower case, octal escapes undone, no trailing dot); values are
 * verbatim, TXT quotes included, because a DELETE must match them exactly.
 */
export type RecordSet = {
  name: string;
  type: string;
  /** Absent on alias records. */
  ttlSeconds?: number;
  values: string[];
  /** Set when this is not a simple record (`alias`, `weighted`, `failover`, …): a shape that is never ours. */
  routing?: string;
};

export type Change = { action: 'CREATE' | 'DELETE'; record: RecordSet };
