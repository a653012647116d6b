/** A deliberate defect of the product: one exact change of one file's text, and what it would do to people. */
export type Defect = {
  name: string;
  /** What would go wrong on the night, in one sentence. */
  why: string;
  /** Relative to the repository. */
  file: string;
  /** Occurs in the file exactly once. */
  from: string;
  to: string;
};
