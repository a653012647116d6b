import type { Screen } from './timeline.ts';

const WIDEST = 120;

/** What can be shown where this process writes; https://no-color.org is respected. */
export const screenOf = (stream: { isTTY?: boolean; columns?: number }): Screen => {
  const live = stream.isTTY === true;
  return { colour: live && !process.env.NO_COLOR, live, width: Math.min(WIDEST, stream.columns ?? WIDEST) };
};
