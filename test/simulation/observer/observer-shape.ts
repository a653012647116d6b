import type { Announcement } from '../../../lambda/core/messages/announcement.ts';
import type { Chronicle } from './chronicle.ts';
import type { Order, Witness } from './truth.ts';

export type Observer = Witness & {
  chronicle: Chronicle;
  violations: Violation[];
  /** Switches made and orders accepted of which nobody was told yet. */
  outbox: Owed[];
  /** Orders that were refused, of which nobody may be told as if they had been carried out. */
  refusals: Omit<Owed, 'sinceMs'>[];
  counts: { rounds: number; switches: number; mails: number };
  /** Deaths of serving servers, by the id of the episode, of which it was asked already what came of them. */
  deathsAsked: Set<number>;
  /** Holds, of which it was asked already whether they were answered in time. */
  holdsAsked: Set<Order>;
  /** What took effect, and how often. */
  effects: Record<string, number>;
  trace: string[];
  note(text: string): void;
  violate(invariant: string, text: string, site?: string): void;
};

/** Something that people must be told, and how the mail that tells it is known. */
export type Owed = {
  site: string;
  sinceMs: number;
  /** Of a switch: when it landed, with which epoch, and whether the table was in trouble so that its intent may not have been saved. */
  landedMs?: number;
  unsaved?: boolean;
  epoch?: number;
  what: string;
  isToldBy(mail: Told): boolean;
  isVoid?(): boolean;
};

export type Told = Pick<Announcement, 'site' | 'kind' | 'subject' | 'text' | 'sites'>;

export type Violation = { invariant: string; atMs: number; site?: string; text: string };
