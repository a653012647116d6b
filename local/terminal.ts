import { styleText } from 'node:util';

/** Where the timeline is shown. */
export type Screen = {
  colour: boolean;
  /** A terminal whose last line may be rewritten; elsewhere quiet times leave one line a minute. */
  live: boolean;
  /** In characters. */
  width: number;
};

const WIDEST = 120;
/** Narrower than this, lines run on: a mail in slivers is no easier to read. */
const NARROWEST = 60;

/** https://force-color.org and Node's own reading of it: anything but nothing and 0 asks for colour. */
const isForced = (): boolean => !['', '0', 'false'].includes(process.env.FORCE_COLOR ?? '');

/** What can be shown where this process writes; https://no-color.org is respected, and FORCE_COLOR, which wins. */
export const screenOf = (stream: { isTTY?: boolean; columns?: number }): Screen => {
  const live = stream.isTTY === true;
  return {
    colour: isForced() || (live && !process.env.NO_COLOR && process.env.FORCE_COLOR !== '0'),
    live,
    width: Math.max(NARROWEST, Math.min(WIDEST, stream.columns || WIDEST)),
  };
};

/** Text in a style, whatever Node thinks of its own standard output: who asks has looked at the screen. */
export const styled = (style: Parameters<typeof styleText>[0], text: string): string =>
  styleText(style, text, { validateStream: false });
