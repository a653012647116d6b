import type { Assessments } from '../assess/assess.ts';
import type { Work } from '../async/work.ts';
import type { Book } from '../book/book.ts';
import type { Logging, World } from '../ports.ts';

export type TellerPorts = Logging & Pick<World, 'config' | 'memory' | 'topic'>;

/** Publishes what is in the outboxes of the book. */
export type Teller = TellerPorts & {
  work: Work;
  book: Book;
  assessments: Assessments;
  /** Whose message is being published; and what this controller has told, which need not be acknowledged in the table yet. */
  telling: Set<string>;
  told: Set<string>;
};

export const openTeller = (ports: TellerPorts, book: Book, assessments: Assessments): Teller => ({
  ...ports,
  work: book.work,
  book,
  assessments,
  telling: new Set(),
  told: new Set(),
});
