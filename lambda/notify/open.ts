import type { Assessments } from '../assess/assess.ts';
import type { Work } from '../async/work.ts';
import type { Book } from '../book/book.ts';
import type { Channel } from '../core/state/notice.ts';
import type { Logging, World } from '../ports.ts';

export type TellerPorts = Logging & Pick<World, 'config' | 'events' | 'memory' | 'topic'>;

/**
 * Publishes what is in the outboxes of the book, in one of the two ways. Each way has a teller of its own, so that a topic that is away keeps
 * nothing back from the other one.
 */
export type Teller = TellerPorts & {
  channel: Channel;
  work: Work;
  book: Book;
  assessments: Assessments;
  /** Whose message is being published; and what this controller has told, which need not be acknowledged in the table yet. */
  telling: Set<string>;
  told: Set<string>;
  /** What is not told, both ways. */
  kept: Set<string>;
  /** Whether a notice of this site, by its id, is being published either way, or was by this controller. */
  isUnderWay(site: string, id: string): boolean;
  /** By site, the alerts that events under way end there: of two sites that are the last with an alert, told of at once, the second ends it. */
  ending: Map<string, readonly string[]>;
};

/** One for each way. */
export const openTellers = (ports: TellerPorts, book: Book, assessments: Assessments): Teller[] => {
  const kept = new Set<string>();
  const isUnderWay = (site: string, id: string): boolean =>
    tellers.some(({ telling, told }) => telling.has(site) || told.has(id));
  const tellers = (['mail', 'event'] as const).map(
    (channel): Teller => ({
      ...ports,
      channel,
      work: book.work,
      book,
      assessments,
      telling: new Set(),
      told: new Set(),
      kept,
      isUnderWay,
      ending: new Map(),
    }),
  );
  return tellers;
};

/** The name under which a process remembers what it has told in this way. */
export const remembered = ({ channel }: Pick<Teller, 'channel'>, name: string): string =>
  channel === 'mail' ? name : `${name} by event`;
