/** The middle of the numbers; of an even number of them the upper of the two; undefined when there are none. */
export const median = (numbers: number[]): number | undefined =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

export const spread = (numbers: number[]) => ({
  min: Math.min(...numbers),
  median: median(numbers),
  max: Math.max(...numbers),
});
