import { completionFor } from '../completion.ts';
import type { Command } from '../result.ts';
import { SHELLS } from '../tool-arguments.ts';

/** `completion`: what a shell reads when it starts, so that it completes commands and options. */
export const completion: Command = async ({ shell = SHELLS[0] }) => {
  const script = completionFor(shell);
  return { ok: true, text: script, answer: { script } };
};
