import type { Socket } from 'node:net';
import { FREE_READS, fault, MAX_READS, MAX_TICKETS, PACE_MS } from '../core/probe/bounds.ts';
import { later, type Stalls } from './stalls.ts';

/** What is done with what a server sends. `onBytes` may throw what is wrong with it. */
export type Intake = {
  onBytes: (bytes: Buffer) => void;
  /** The other side has ended its half of the connection. */
  onEnd: () => void;
  onError: (error: Error) => void;
  /** Nothing more is wanted; an error costs as much as the rest of a close. */
  isOver: () => boolean;
};

/**
 * What a piece takes Node before we hear of it, milliseconds of CPU: measured with TLS records of one byte, which take 4
 * to 9 us each. Reckoned for those that are more than an answer has.
 */
const MS_PER_READ = 0.005;

/**
 * Reads what a server sends, so that no server can take this process from the others: a connection that goes on and on
 * is read once in `PACE_MS` and not for each of its packets, and the time that its bytes take is no stall of ours.
 */
export const takeIn = (socket: Socket, stalls: Pick<Stalls, 'ours' | 'follow'>, intake: Intake): void => {
  let [reads, tickets] = [0, 0];
  let isPaced = false;
  let readNoMore = () => {};
  let unfollow = () => {};
  const attend = (run: () => void) =>
    stalls.ours(() => {
      try {
        run();
      } catch (error) {
        intake.onError(error as Error);
      }
    });
  // Not at once: TLS hands over a record at a time, and those that have come by now are read together.
  const pace = () => {
    isPaced = true;
    process.nextTick(() => {
      if (socket.destroyed) return;
      socket.pause();
      readNoMore = later(() => {
        isPaced = false;
        socket.resume();
      }, PACE_MS);
    });
  };
  socket.on('session', () => {
    tickets += 1;
    if (tickets > MAX_TICKETS) intake.onError(fault('FLOOD', `more than ${MAX_TICKETS} session tickets`));
  });
  const onBytes = (bytes: Buffer) => {
    reads += 1;
    if (reads > MAX_READS) {
      intake.onError(fault('FLOOD', `its bytes came in more than ${MAX_READS.toLocaleString('en')} pieces`));
      return;
    }
    attend(() => intake.onBytes(bytes));
  };
  /** The connection is gone. What came before is still here where a pause held it back, and it may be all that was wanted. */
  const lost = (error: Error) => {
    for (let bytes = socket.read(); bytes !== null && !intake.isOver(); bytes = socket.read()) onBytes(bytes);
    if (!intake.isOver()) intake.onError(error);
  };
  socket.on('error', lost);
  // Broken off by ourselves: there is neither an end nor an error then.
  socket.on('close', () => {
    readNoMore();
    unfollow();
    lost(fault('ENDED', 'closed'));
  });
  socket.on('end', () => attend(intake.onEnd));
  socket.on('data', (bytes: Buffer) => {
    if (socket.destroyed) return;
    onBytes(bytes);
    if (reads === FREE_READS + 1) unfollow = stalls.follow(() => reads * MS_PER_READ);
    if (reads > FREE_READS && !isPaced && !socket.destroyed) pace();
  });
};
