import type { Site } from '../site/site.ts';
import { noted } from '../state/history.ts';
import { owe } from '../state/outbox.ts';
import type { Role } from '../zone/role-record.ts';
import type { Step } from './step.ts';

type Words = { subject: string; text: string };

/** A step of a moving address was taken, or refused. */
export const addressStep =
  (what: 'written' | 'refused', text: string, atMs: number): Step =>
  (state) => ({ ...state, journal: noted(state.journal, { atMs, what, text }) });

/** The address is not where the role record says, and people are told why. */
export const addressLate =
  (site: Site, words: Words, uncarried: { why: string; atMs: number; sinceSeconds: number }): Step =>
  (state) => {
    const owing = owe(site, state, 'not-moved', words, uncarried.atMs);
    return { ...owing, told: { ...owing.told, uncarried } };
  };

/** The site answers at its address, which the serving server is to have. */
export const addressAnswers =
  ({ serving, sinceSeconds }: Role): Step =>
  (state) => {
    const { uncarried: _, ...told } = state.told;
    return { ...state, told, carried: { serving, sinceSeconds } };
  };
