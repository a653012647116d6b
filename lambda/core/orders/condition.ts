import type { Mode } from '../zone/role-record.ts';
import type { ZoneView } from '../zone/zone-view.ts';
import type { ServerStatus } from './site-now.ts';

/**
 * How a site fares, in one word; the worst first. Programs branch on these words, so they stay. The table says which of
 * them leave `status` with 1: those in which visitors have no working site, or nobody knows, or Switchover waits for a
 * person.
 */
export const CONDITIONS = {
  down: { label: 'SITE DOWN', ok: false },
  'held-down': { label: 'HELD, DOWN', ok: false },
  'edited-down': { label: 'EDITED, DOWN', ok: false },
  'move-due': { label: 'MOVE DUE', ok: false },
  'no-records': { label: 'NO RECORDS', ok: false },
  unreadable: { label: 'UNREADABLE', ok: false },
  unknown: { label: 'NOT KNOWN', ok: false },
  edited: { label: 'EDITED', ok: false },
  stranger: { label: 'NOT OURS', ok: false },
  adoptable: { label: 'NOT ADOPTED', ok: false },
  'failed-over': { label: 'FAILED OVER', ok: true },
  notice: { label: 'LOOK AT', ok: true },
  'no-standby': { label: 'NO STANDBY', ok: true },
  pinned: { label: 'PINNED', ok: true },
  held: { label: 'HELD', ok: true },
  fine: { label: 'FINE', ok: true },
} as const satisfies Record<string, { label: string; ok: boolean }>;

export type Condition = keyof typeof CONDITIONS;

const ORDER = Object.keys(CONDITIONS);

/** 0 is the worst. */
export const badnessOf = (condition: Condition): number => ORDER.indexOf(condition);

/** Notes that a person should read although the site is served well. */
const NOTABLE: readonly string[] = [
  'write-refused',
  'protected',
  'moves-wait',
  'server-flapping',
  'state-unreadable',
  'server-blocked',
  'address-moving',
];

type Standing = {
  zone: ZoneView['kind'] | 'unreadable';
  serving: string | null;
  mode: Mode['mode'];
  notes: readonly { code: string }[];
  servers: readonly Pick<ServerStatus, 'server' | 'health' | 'armed'>[];
  /** The most preferred server. */
  home: string | undefined;
};

const ofZone = ({ zone }: Standing): Condition | undefined => {
  if (zone === 'unreadable') return 'unreadable';
  if (zone === 'nothing') return 'no-records';
  return zone === 'adoptable' ? 'adoptable' : undefined;
};

/** The condition of one site from how it stands. */
export const conditionOf = (standing: Standing): Condition => {
  const { zone, serving, mode, notes, servers, home } = standing;
  const health = servers.find(({ server }) => server === serving)?.health;
  const isAnyArmed = servers.some(({ armed }) => armed);
  if (health === 'down') {
    if (!isAnyArmed) return 'down';
    if (zone === 'edited') return 'edited-down';
    return mode === 'auto' ? 'move-due' : 'held-down';
  }
  const unsettled = ofZone(standing);
  if (unsettled !== undefined) return unsettled;
  if (zone === 'edited') return 'edited';
  if (health === undefined) return 'stranger';
  if (health === 'unknown') return 'unknown';
  if (mode !== 'auto') return mode;
  if (serving !== home) return 'failed-over';
  if (notes.some(({ code }) => NOTABLE.includes(code))) return 'notice';
  return isAnyArmed ? 'fine' : 'no-standby';
};

/** What tells since when a site fares as it does, each ISO 8601 UTC; null where nobody knows. */
type Moments = {
  servers: readonly Pick<ServerStatus, 'health' | 'since' | 'serves' | 'armed'>[];
  servingSince: string | null;
  /** When the hold or pin in force was ordered. */
  orderedAt: string | null;
  /** When the edit by hand was found. */
  editedAt: string | null;
};

/** Since when `condition` is so: since the last of all that makes it so. */
export const conditionSince = (condition: Condition, moments: Moments): string | null => {
  const { servers, servingSince, orderedAt, editedAt } = moments;
  const health = servers.find(({ serves }) => serves)?.since ?? null;
  const others = servers.filter(({ serves, armed }) => !serves && !armed).map(({ since }) => since);
  const of: Partial<Record<Condition, (string | null)[]>> = {
    unknown: [health],
    'held-down': [health, servingSince, orderedAt],
    held: [health, servingSince, orderedAt],
    pinned: [health, servingSince, orderedAt],
    edited: [health, editedAt],
    'edited-down': [health, editedAt],
    'no-standby': [health, servingSince, ...others],
  };
  const known = (of[condition] ?? [health, servingSince]).filter((moment) => moment !== null);
  return known.sort().at(-1) ?? null;
};
