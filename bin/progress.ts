/** Shows that something is under way once it has taken a second, where a person watches: on a terminal's standard error. */
export type Progress = <T>(what: string | (() => string), work: Promise<T>) => Promise<T>;

const EVERY_MS = 1000;

export const progressOn = (stream: { isTTY?: boolean; write(text: string): unknown }): Progress =>
  stream.isTTY ? (what, work) => shown(stream, what, work) : (_what, work) => work;

const shown = async <T>(
  stream: { write(text: string): unknown },
  what: string | (() => string),
  work: Promise<T>,
): Promise<T> => {
  let seconds = 0;
  const timer = setInterval(() => {
    seconds += 1;
    stream.write(`\r\u001b[2K${typeof what === 'string' ? what : what()}: ${seconds} s`);
  }, EVERY_MS);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    if (seconds > 0) stream.write('\r\u001b[2K');
  }
};
