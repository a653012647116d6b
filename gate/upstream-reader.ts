import { type BodyReader, bodyReader } from './upstream-body.ts';
import {
  type Framing,
  framingOf,
  headEnd,
  headIn,
  MAX_HEAD_BYTES,
  UpstreamFault,
  type UpstreamHead,
} from './upstream-head.ts';

/** Hears of an answer, in this order: `head`, then `body` any number of times, then `end`; or `head` and `switched`. */
export type Hearer = {
  head(head: UpstreamHead, framing: Framing): void;
  body(bytes: Buffer): void;
  /** The answer is whole. Nothing follows. */
  end(): void;
  /** A 101 that was asked for; `rest` is in the new protocol. Nothing follows. */
  switched(head: UpstreamHead, rest: Buffer): void;
};

/** Both throw `UpstreamFault` for an answer that cannot be passed on. */
export type UpstreamReader = { push(bytes: Buffer): void; ended(): void };

/** Bytes that come in pieces, as one buffer that grows by doubling: one that grew by each piece would be copied with each. */
const newGatherer = () => {
  let held = Buffer.alloc(0);
  let [start, end] = [0, 0];
  return {
    bytes: (): Buffer => held.subarray(start, end),
    dropTo: (length: number): void => {
      start += length;
    },
    add: (bytes: Buffer): void => {
      if (end + bytes.length > held.length) {
        const grown = Buffer.alloc(2 * (end + bytes.length));
        held.copy(grown, 0, 0, end);
        held = grown;
      }
      bytes.copy(held, end);
      end += bytes.length;
    },
  };
};

/** Reads one answer of an application, in pieces of any size. `asked` is what it answers to. */
export const readUpstream = (asked: { method: string; upgrade: boolean }, hearer: Hearer): UpstreamReader => {
  const waiting = newGatherer();
  let headBytes = 0;
  let body: BodyReader | undefined;
  let over = false;

  const pushBody = (reader: BodyReader, bytes: Buffer): void => {
    const read = reader.push(bytes);
    for (const part of read.bytes) if (part.length > 0) hearer.body(part);
    if (!read.isWhole) return;
    over = true;
    hearer.end();
  };

  const pushHead = (bytes: Buffer): void => {
    // Interim answers count as well: they could go on for ever.
    headBytes += bytes.length;
    // An empty line that began in the piece before ends in this one.
    const from = waiting.bytes().length - 2;
    waiting.add(bytes);
    for (let end = headEnd(waiting.bytes(), from); end !== undefined; end = headEnd(waiting.bytes(), 0)) {
      const head = headIn(waiting.bytes().subarray(0, end));
      const rest = waiting.bytes().subarray(end);
      waiting.dropTo(end);
      if (head.status === 101) return void switched(head, rest);
      if (head.status < 200) continue;
      const framing = framingOf(head, asked.method);
      body = bodyReader(framing);
      hearer.head(head, framing);
      return void pushBody(body, rest);
    }
    if (headBytes > MAX_HEAD_BYTES)
      throw new UpstreamFault(
        'head-too-large',
        `the head of its answer is larger than ${MAX_HEAD_BYTES} bytes`,
      );
  };

  const switched = (head: UpstreamHead, rest: Buffer): void => {
    if (!asked.upgrade)
      throw new UpstreamFault('unasked-101', 'it changed to another protocol without being asked');
    over = true;
    hearer.switched(head, rest);
  };

  return {
    push: (bytes) => {
      if (over) return;
      if (body === undefined) pushHead(bytes);
      else pushBody(body, bytes);
    },
    ended: () => {
      if (over) return;
      over = true;
      if (body?.mayEndHere) return hearer.end();
      const what =
        body === undefined ? 'before the head of its answer was whole' : 'in the middle of its answer';
      throw new UpstreamFault('ended-early', `it ended the connection ${what}`);
    },
  };
};
