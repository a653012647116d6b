/** How much longer than usual things take on this machine now, and how to say so. */
export type Slowness = {
  /** What everything may take, as a multiple of the usual time; 1 on a machine with nothing else to do. */
  times: number;
  /** A sentence or two when it is slow enough to matter, else empty. */
  said: string;
};

/** What synthesizing takes on an idle machine of two cores. */
const USUAL_SYNTHESIS_MS = 6_000;
/** Whoever waits longer than this many times the usual learns more from the sentence. */
const MOST_TIMES = 5;
const WORTH_SAYING = 1.5;

/**
 * `load` is the load average of the last minute: how many processes wanted a core. `synthesisMs` is what synthesizing took; until it has
 * ended the load alone tells.
 */
export const slownessOf = (
  synthesisMs: number | undefined,
  { load, cores }: { load: number; cores: number },
): Slowness => {
  const measured = Math.max(1, (synthesisMs ?? 0) / USUAL_SYNTHESIS_MS, load / cores);
  const times = Math.min(MOST_TIMES, measured);
  if (measured < WORTH_SAYING) return { times, said: '' };
  const seconds = (ms: number) => (ms / 1000).toFixed(0);
  const took =
    synthesisMs === undefined
      ? ''
      : `synthesizing took ${seconds(synthesisMs)} s where ${seconds(USUAL_SYNTHESIS_MS)} s are usual, and `;
  const said =
    `This machine is slow now: ${took}its load is ` +
    `${load.toFixed(1)} on ${cores} cores. Each step was given ${times.toFixed(1)} times as long; try again when it has less to do.`;
  return { times, said };
};
