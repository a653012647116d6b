/**
 * A value that came from outside, as a refusal quotes it: JSON, no longer than `characters`. Never throws: what is nested so deep that
 * it cannot be written out is a value to be refused like any other.
 */
export const shownValue = (value: unknown, characters: number): string => {
  try {
    return (JSON.stringify(value) ?? String(value)).slice(0, characters);
  } catch {
    return 'a value that is nested too deep to be shown';
  }
};
