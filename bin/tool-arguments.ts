import { DEEDS, type Deed, isDeed } from '../local/deeds.ts';
import type { Refuse } from './grammar.ts';

/** What `probe` is to ask for. */
export const urlIn = ([url, ...more]: string[], refuse: Refuse): string => {
  if (url !== undefined && more.length === 0) return url;
  return refuse(`Expected one URL, received ${url === undefined ? 'none' : `${1 + more.length} words`}.`);
};

/** Which demo server `demo-server` is about, and what is to be done to it. */
export const demoIn = ([server, deed, ...more]: string[], refuse: Refuse): { server: string; deed: Deed } => {
  const deeds = Object.keys(DEEDS).join(', ');
  if (server !== undefined && isDeed(deed) && more.length === 0) return { server, deed };
  return refuse(
    `Expected a demo server, primary or standby, and one of ${deeds}, received ${[server, deed, ...more].filter(Boolean).join(' ') || 'nothing'}.`,
  );
};

/** The shells whose completion is known. */
export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

/** Whose completion is wanted. */
export const shellIn = ([word, ...more]: string[], refuse: Refuse): Shell => {
  const shell = SHELLS.find((name) => name === word);
  if (shell !== undefined && more.length === 0) return shell;
  return refuse(
    `Expected one of ${SHELLS.join(', ')}, received ${[word, ...more].filter(Boolean).join(' ') || 'nothing'}.`,
  );
};
