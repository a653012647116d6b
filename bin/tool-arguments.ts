import { DEEDS, type Deed, isDeed } from '../local/deeds.ts';
import { ANSWER_FLAGS, type Refuse, type Values } from './grammar.ts';

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

/** What the command `init` was given: the folder as typed, and the answers that need not be asked for. */
export type InitGiven = {
  folder: string;
  answers: { [A in (typeof ANSWER_FLAGS)[number]]?: string };
  /** Whatever can be proposed is taken. */
  yes: boolean;
};

export const initIn = ([folder = '.', ...more]: string[], values: Values, refuse: Refuse): InitGiven => {
  if (more.length > 0) refuse(`Expected one folder, received ${1 + more.length} words.`);
  const answers = Object.fromEntries(
    ANSWER_FLAGS.flatMap((flag) => (values[flag] === undefined ? [] : [[flag, values[flag]]])),
  );
  return { folder, answers, yes: values.yes ?? false };
};
