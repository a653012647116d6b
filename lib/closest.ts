/** The candidate that a slip of the hand would turn into `word`, or that it begins; undefined when none is near. */
export const closest = (word: string, candidates: readonly string[]): string | undefined => {
  const low = word.toLowerCase();
  const near = candidates
    .map((candidate) => ({ candidate, away: distance(low, candidate.toLowerCase()) }))
    .filter(({ candidate, away }) => away <= 2 && away < candidate.length / 2)
    .sort((a, b) => a.away - b.away)[0]?.candidate;
  return near ?? candidates.find((candidate) => low.length >= 2 && candidate.toLowerCase().startsWith(low));
};

/** Levenshtein distance: insertions, deletions and replacements of single characters. */
const distance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, left] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, right] of [...b].entries()) {
      next.push(
        Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (left === right ? 0 : 1)),
      );
    }
    row = next;
  }
  return row[b.length] ?? 0;
};
