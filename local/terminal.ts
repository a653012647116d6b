import type { Screen } from './timeline.ts';

const WIDEST = 120;
/** Narrower than this, lines run on: a mail in slivers is no easier to read. */
const NARROWEST = 60;

/** What can be shown where this process writes; https://no-color.org is respected. */
export const screenOf = (stream: { isTTY?: boolean; columns?: number }): Screen => {
  const live = stream.isTTY === true;
  return {
    colour: live && !process.env.NO_COLOR,
    live,
    width: Math.max(NARROWEST, Math.min(WIDEST, stream.columns || WIDEST)),
  };
};
