import { execFile } from 'node:child_process';
import { type OnHost, PATIENCE_SECONDS, type Visitor } from '../../bench/chromium.ts';

/** A new curl for each visit: it asks the machine's resolver anew, tries one address after the other, follows redirects. */
export const curl = (on: OnHost): Visitor => ({
  visit: (url) =>
    new Promise((resolve) => {
      const command = on('curl', '-sSL', '--max-time', `${PATIENCE_SECONDS}`, url);
      execFile(...command, (error, stdout, stderr) =>
        resolve(error === null ? stdout.trim() : stderr.trim().slice(0, 80)),
      );
    }),
  stop: async () => {},
});
