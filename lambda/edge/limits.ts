/** How long a client of AWS waits, milliseconds, and how often it asks. */
export type Limits = {
  /** Until the connection stands. */
  connectMs: number;
  /** From a request to the head of its answer, and from one byte of that answer to the next. */
  answerMs: number;
  /** The SDK's attempts; it waits between them, longer when throttled. */
  attempts: number;
  /** For one call in all, whatever the service does: attempts, the waits between them and the last byte included. */
  callMs: number;
};

/**
 * The limits of every client. A round, an order or a mail waits for these calls, so none may last for as long as a service
 * likes. The simulated cloud has the same patience (`test/simulation/world/patience.ts`).
 */
export const LIMITS = {
  /** A page of a zone's listing. */
  list: { connectMs: 2000, answerMs: 3000, attempts: 3, callMs: 15_000 },
  /** Sent exactly once: whether to send it again is decided after the zone has been read back. To give up early only leaves its outcome open. */
  change: { connectMs: 2000, answerMs: 10_000, attempts: 1, callMs: 10_000 },
  /** Whether a change is published; asked by the client that lists. */
  changeStatus: { connectMs: 2000, answerMs: 3000, attempts: 3, callMs: 9000 },
  /** A step at the state table, such as to save a state and to look whose is there; an entry of the history. */
  store: { connectMs: 1000, answerMs: 2000, attempts: 3, callMs: 8000 },
  /** What is still to be told then is told in the next round. */
  topic: { connectMs: 1000, answerMs: 3000, attempts: 2, callMs: 8000 },
  /** Where the Elastic IPs are. Given up soon, since other sites wait meanwhile and the next round asks again. */
  find: { connectMs: 1000, answerMs: 2000, attempts: 1, callMs: 2000 },
  /** A step of an Elastic IP; the next is taken after the next round has seen where it is. */
  move: { connectMs: 1000, answerMs: 5000, attempts: 1, callMs: 5000 },
  /** Ten parameters; what is known is used meanwhile. */
  parameters: { connectMs: 1000, answerMs: 2000, attempts: 2, callMs: 5000 },
  /** Credentials for a zone in another account. Those that are known last until their end; the next try comes soon. */
  assume: { connectMs: 1000, answerMs: 2000, attempts: 1, callMs: 2000 },
  /** A question of the doctor's. */
  account: { connectMs: 1000, answerMs: 3000, attempts: 2, callMs: 8000 },
  /** The same asked by a person at a terminal, across the internet. */
  operator: { connectMs: 2000, answerMs: 5000, attempts: 2, callMs: 12_000 },
} as const satisfies Record<string, Limits>;

/** One message to a channel, its answer included (Standard Webhooks: 15 to 30 seconds), milliseconds. */
export const POST_MS = 15_000;

/** What a cold start, the network and Lambda itself may take on top of a prober's own deadline, milliseconds. */
export const INVOKE_OVERHEAD_MS = 3000;
/** Until a connection to Lambda stands. A prober that could not be asked is left to the next round: a second attempt would be late. */
export const INVOKE = { connectMs: 1000, attempts: 1 };
