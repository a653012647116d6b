/** By name: when it first answered with what was written, milliseconds; null while it has not. */
export type Times = Record<string, number | null>;

/** A write that the zone lists and that is not yet proven to be what visitors get. */
export type Proof = {
  epoch: number;
  from: string | null;
  to: string;
  /** Under which its outcome is told. */
  incident: string;
  /** Start of the first of the rounds that found the server down that it moved away from. */
  detectedMs?: number;
  decidedMs?: number;
  acceptedMs: number;
  /** When Route 53 said that all its name servers have it. */
  insyncMs?: number;
  /** The name servers that the parent delegates to; absent until they could be found out. */
  servers?: Times;
  /** The operator's choice of public resolvers. */
  resolvers?: Times;
  /** Once all name servers have answered: when one was last seen to answer otherwise, milliseconds. */
  missedMs?: number;
  /** It was told that it is not visible everywhere. */
  lateTold?: true;
};

/** What was heard since the last step. */
export type Heard = {
  servers?: Times;
  resolvers?: Times;
  /** What those say that do not answer with it yet, by name. */
  saying: Record<string, string>;
  /** When a name server last answered otherwise, milliseconds; absent when none was seen to by this process. */
  missedMs?: number;
  /** Why the name servers could not be found out. */
  fault?: string;
  /** Whether the host leads to the site's name; absent when that could not be found out, true when it is one of its names. */
  hostLeads?: boolean;
};

/** Whether people are told of the proof: of a switch. Records that were created or rewritten are proven for the history. */
export const isMove = ({ from, to }: Proof): boolean => from !== null && from !== to;

/** When the last of all answered; undefined while one has not, or none is known. */
export const lastOf = (times: Times | undefined): number | undefined => {
  const all = Object.values(times ?? {});
  return all.length === 0 || all.includes(null) ? undefined : Math.max(...(all as number[]));
};

/** How the proof ended, or undefined while it goes on. */
export type Done = { lastMs: number; fetchedMs?: number; fetchedBy: string[]; hostLeads?: boolean };
