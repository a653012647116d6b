import { fingerprint } from '../base/fingerprint.ts';
import { contentOf, type RecordSet } from './records.ts';

/** `auto`; `held`: nothing moves by itself; `pinned`: serve the pinned server whatever its health. */
export type Mode =
  | { mode: 'auto' }
  | { mode: 'held'; untilMs: number }
  | { mode: 'pinned'; pin: string; untilMs: number };

/**
 * What the role record says: the fence (a batch built on one epoch cannot land on another), the memory that outlives the
 * state store, and the way for anything outside to learn a site's role with one DNS query.
 */
export type Role = {
  epoch: number;
  /** A server's name, or `other` after a person's edit was adopted as a hold. */
  serving: string;
  mode: 'auto' | 'held' | 'pinned';
  pin?: string;
  untilSeconds?: number;
  /** Digest of what we published together, see `setOf`: eight hex digits. */
  set: string;
  /** Since when `serving` serves, epoch seconds. */
  sinceSeconds: number;
  /** The deployment that wrote it. Absent in what an earlier version left. */
  by?: string;
};

/** The name of a site's role record. */
export const roleRecordName = (siteName: string) => `_switchover.${siteName}`;

/** The TTL of role records: short, since gates and operators ask for them; no visitor ever does. Another one is an edit by hand, so it never changes. */
export const ROLE_TTL_SECONDS = 10;

/** The value of the TXT record, quotes included. */
export const formatRole = (role: Role): string => {
  const parts = [`v=1`, `epoch=${role.epoch}`, `serving=${role.serving}`, `mode=${role.mode}`];
  if (role.pin !== undefined) parts.push(`pin=${role.pin}`);
  if (role.untilSeconds !== undefined) parts.push(`until=${role.untilSeconds}`);
  parts.push(`set=${role.set}`, `since=${role.sinceSeconds}`);
  if (role.by !== undefined) parts.push(`by=${role.by}`);
  return `"${parts.join(' ')}"`;
};

/**
 * The highest epoch that is read or written. Fifteen digits: that many every reader holds exactly, JavaScript's numbers and the shell of a
 * host alike. What has more is no role record for any of them, so that nobody believes what another cannot follow.
 */
export const MAX_EPOCH = 999_999_999_999_999;

/**
 * Every epoch that a reader outside may have taken from the values of a TXT record, also where they are no role record for us: hosts
 * and gates of nginx look at `epoch` and `serving` alone. None of them believes a lower one soon.
 */
export const epochsIn = (values: string[]): number[] =>
  values.flatMap((value) =>
    [...value.matchAll(/(?<![^ "])epoch=(0|[1-9][0-9]{0,14})(?![^ "])/g)].map(([, digits]) => Number(digits)),
  );

const SERVER = /^[a-z0-9-]{1,32}$/;
/** The name of a deployment, as `lib/config` takes it. */
const DEPLOYMENT = /^[a-z][a-z0-9-]{0,31}$/;
const NUMBER = /^(0|[1-9][0-9]{0,14})$/;

/** Reads a TXT value; `undefined` when it is not a role record of version 1, whole and well formed. Unknown keys are ignored. */
export const parseRole = (value: string): Role | undefined => {
  const text = /^"([^"\\]*)"$/.exec(value)?.[1];
  if (text === undefined) return undefined;
  const fields = new Map<string, string>();
  for (const part of text.split(' ')) {
    const at = part.indexOf('=');
    if (at < 1 || fields.has(part.slice(0, at))) return undefined;
    fields.set(part.slice(0, at), part.slice(at + 1));
  }
  const number = (key: string) => (NUMBER.test(fields.get(key) ?? '') ? Number(fields.get(key)) : undefined);
  const epoch = number('epoch');
  const since = number('since');
  const serving = fields.get('serving') ?? '';
  const set = fields.get('set') ?? '';
  const mode = fields.get('mode');
  if (fields.get('v') !== '1' || epoch === undefined || since === undefined) return undefined;
  if (!SERVER.test(serving) || !/^[0-9a-f]{8}$/.test(set)) return undefined;
  if (mode !== 'auto' && mode !== 'held' && mode !== 'pinned') return undefined;
  if (fields.has('until') && number('until') === undefined) return undefined;
  const pin = fields.get('pin');
  const until = number('until');
  // A hold or pin without an end would be one that nobody ever ends: it is not one of ours.
  if (mode !== 'auto' && until === undefined) return undefined;
  if ((mode === 'pinned') !== (pin !== undefined) || (pin !== undefined && !SERVER.test(pin)))
    return undefined;
  const role: Role = { epoch, serving, mode, set, sinceSeconds: since };
  if (pin !== undefined) role.pin = pin;
  if (until !== undefined) role.untilSeconds = until;
  const by = fields.get('by') ?? '';
  if (DEPLOYMENT.test(by)) role.by = by;
  return role;
};

/** The mode that the role record gives at `nowMs`: a past `until` reads as auto. */
export const modeOfRole = (role: Role, nowMs: number): Mode => {
  const untilMs = (role.untilSeconds ?? 0) * 1000;
  if (role.mode === 'auto' || untilMs <= nowMs) return { mode: 'auto' };
  return role.mode === 'held' ? { mode: 'held', untilMs } : { mode: 'pinned', pin: role.pin ?? '', untilMs };
};

/** Digest of a set of records, whatever their order. */
export const digestRecords = (records: RecordSet[]): string => {
  const lines = records.map((r) => `${r.name} ${r.type} ${r.routing ?? r.ttlSeconds} ${contentOf(r)}`);
  return fingerprint(lines.sort().join('\n'));
};

/**
 * The digest `set` of what is published together: the records and the role record's own other fields. So the listing alone
 * tells an edit by hand from what we left, of either, whatever became of our memory. `by` is no part of it, so that a version
 * that does not know it finds its digest right.
 */
export const setOf = ({ by: _, ...role }: Omit<Role, 'set'>, records: RecordSet[]): string =>
  fingerprint(`${formatRole({ ...role, set: '' })} ${digestRecords(records)}`);

/** The role with its digest, and signed by the deployment that holds the site, where that is known. */
export const sealed = (role: Omit<Role, 'set'>, records: RecordSet[], by?: string): Role => ({
  ...role,
  set: setOf(role, records),
  ...(by !== undefined && { by }),
});
