import { createInterface } from 'node:readline/promises';
import { Trouble } from '../trouble.ts';
import type { Known, Question } from './questions.ts';

/** Asks one question until the answer will do. Nothing typed takes what is proposed. */
export type Ask = (question: Question, known: Known, proposed: string | undefined) => Promise<string>;

/** Asks on the terminal; `close` gives the keyboard back. Rejects with `Trouble` when the input ends. */
export const askOnTerminal = (): { ask: Ask; close(): void } => {
  const lines = createInterface({ input: process.stdin, output: process.stdout });
  const ended = new Promise<never>((_, reject) => {
    lines.once('close', () =>
      reject(new Trouble('The input ended before the last question; nothing was written.')),
    );
  });
  ended.catch(() => {});
  const ask: Ask = async (question, known, proposed) => {
    process.stdout.write(`\n${question.why}\n`);
    const hint = proposed === undefined ? '' : ` [${proposed}]`;
    for (;;) {
      const typed = await Promise.race([lines.question(`${question.asks}${hint}: `), ended]);
      const answer = typed.trim() === '' ? (proposed ?? '') : typed.trim();
      const wrong = question.refuse(answer, known);
      if (wrong === undefined) return answer;
      process.stdout.write(`${wrong}\n`);
    }
  };
  return { ask, close: () => lines.close() };
};
