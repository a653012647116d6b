import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusDocument } from '../../lambda/core/orders/status-document.ts';
import { findConsole } from '../console.ts';
import { type Command, jsonLine, type Result, type Terminal } from '../result.ts';
import { fitting, type Line, paint, type Screen } from '../screen.ts';
import { Trouble } from '../trouble.ts';
import { type Shown, siteLines, statusLines } from './status-lines.ts';

/** A look every two seconds: locally that is each round of the demo, and in AWS a dollar would last for weeks of watching. */
const WATCH_EVERY_MS = 2000;
/** Puts the cursor home and clears what is below. */
const REDRAW = '\u001b[H\u001b[2J';

/** `status`: once, or with --watch again and again until it is interrupted. */
export const status: Command = async (given, terminal) => {
  const console = await findConsole(given, 'status');
  const { which, unfolded = false, notFine = false, sort = 'worst' } = given;
  const shown: Shown = { all: unfolded, notFine, sort };
  const event = { action: 'status', ...which };
  const look = async (): Promise<StatusDocument> => {
    const answer = await terminal.progress(`Asking ${console.name}`, console.ask(event));
    if (answer.sites === undefined) throw new Trouble(answer.message);
    if (answer.v !== 1)
      throw new Trouble(
        `Expected ${console.name} to answer with version 1 of the status document, received ${answer.v ?? 'none'}. Another version is deployed: deploy this one, or check out that one.`,
      );
    return answer as StatusDocument;
  };
  if (given.watch && terminal.out !== undefined) return watch(look, terminal, { json: given.json, shown });
  return statusResult(await look(), terminal.screen, shown);
};

/** Draws until the process is interrupted. */
const watch = async (
  look: () => Promise<StatusDocument>,
  { out, screen, screenNow }: Terminal,
  { json, shown }: { json: boolean; shown: Shown },
): Promise<never> => {
  for (;;) {
    const document = await look();
    const now = screenNow?.() ?? screen;
    if (json) {
      const { answer, ok } = statusResult(document, now, shown);
      out?.(jsonLine({ ...answer, ok }));
    } else out?.(frameOf(document, now, shown));
    await sleep(WATCH_EVERY_MS);
  }
};

/** What is drawn at each look. On a terminal it replaces what was drawn before; elsewhere a blank line stands between two. */
export const frameOf = (document: StatusDocument, screen: Screen, shown: Shown): string => {
  const lines = linesOf(document, screen, shown);
  if (screen.rows === undefined) return `${painted(lines, screen)}\n\n`;
  return `${REDRAW}${painted(fitting(lines, screen), screen)}\n`;
};

const linesOf = (document: StatusDocument, screen: Screen, shown: Shown): Line[] => {
  const isOne = document.told !== undefined && document.sites.length === 1;
  return isOne ? siteLines(document, screen) : statusLines(document, screen, shown);
};

const painted = (lines: readonly Line[], screen: Screen): string =>
  lines.map((line) => paint(screen, line).trimEnd()).join('\n');

/** Programs and people get the same verdict: `ok`, the exit code and the last line agree. */
export const statusResult = (document: StatusDocument, screen: Screen, shown: Shown): Result => {
  const sites = shown.notFine
    ? document.sites.filter(({ condition }) => condition !== 'fine')
    : document.sites;
  return {
    ok: document.ok,
    text: painted(linesOf(document, screen, shown), screen),
    answer: { ...document, sites },
  };
};
