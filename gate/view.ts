import type { Outcome } from '../lambda/core/probe/request.ts';
import type { View } from './answer.ts';

/** What a name server of the zone said last. */
export type Read = { epoch: number; serving: string; readMs: number };

/** What a gate knows when it asks itself who serves. */
export type Known = {
  /** The role record as it was read last; absent when it never could be. */
  role?: Read;
  /** The probe of the server that should serve, made since nobody could be asked. */
  tried?: Outcome;
};

/** Whether what was read is still to be relied on. */
export const isFresh = ({ role }: Known, nowMs: number, keepMs: number): boolean =>
  role !== undefined && nowMs - role.readMs <= keepMs;

/**
 * Who a gate's server is, `me` by name; `undefined` while nothing is known at all.
 *
 *      the role record                     the server that should serve     view
 *      read within `keepMs`                any                              as it says
 *      not read for longer, or never       passed a probe                   stands by
 *      not read for longer, or never       failed it                        serves
 *      not read for longer                 not probed, or `unknown`         as it said
 */
export const viewOf = (me: string, known: Known, nowMs: number, keepMs: number): View | undefined => {
  const { role, tried } = known;
  const said = role && (role.serving === me ? 'serves' : 'stands-by');
  if (isFresh(known, nowMs, keepMs) || tried === undefined || tried === 'unknown') return said;
  return tried === 'passed' ? 'stands-by' : 'serves';
};

/**
 * What is known after another answer. Name servers learn of a change one after the other, so an older epoch than the one that
 * is known says nothing, unless that is no longer to be relied on: records may have been put back from a copy.
 */
export const afterReading = (known: Known, read: Read, keepMs: number): Known => {
  const { role } = known;
  const isOlder = role !== undefined && read.epoch < role.epoch;
  return isOlder && isFresh(known, read.readMs, keepMs) ? known : { role: read };
};

/** The server to try when nobody can be asked: the one that served last, else the primary. Never oneself. */
export const serverToTry = (me: string, servers: string[], { role }: Known): string | undefined => {
  const last = servers.find((server) => server === role?.serving);
  return last !== undefined && last !== me ? last : servers.find((server) => server !== me);
};
