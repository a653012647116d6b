/** What can be done to a demo server, and what a visitor, or a probe of /healthz, meets from then on. */
export const DEEDS = {
  kill: 'its process is killed: connections are refused',
  hang: 'its process stands still: connections are taken, and nothing is answered',
  slow: 'it answers everything after ten seconds, which is longer than a probe waits',
  break: 'it answers 503 to everything, /healthz included',
  revive: 'it answers 200 again, and "ok" at /healthz',
} as const;

export type Deed = keyof typeof DEEDS;

export const isDeed = (word: unknown): word is Deed => typeof word === 'string' && Object.hasOwn(DEEDS, word);
