import { setTimeout as sleep } from 'node:timers/promises';
import type { StatusDocument } from '../../lambda/core/orders/status-document.ts';
import type { Given } from '../arguments.ts';
import { findConsole } from '../console.ts';
import { type Command, jsonLine, type Result } from '../result.ts';
import { paint, type Screen } from '../screen.ts';
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
  const look = async (): Promise<Result> => {
    const answer = await terminal.progress(`Asking ${console.name}`, console.ask(event));
    if (answer.sites === undefined) throw new Trouble(answer.message);
    if (answer.v !== 1)
      throw new Trouble(
        `Expected ${console.name} to answer with version 1 of the status document, received ${answer.v ?? 'none'}. Another version is deployed: deploy this one, or check out that one.`,
      );
    return statusResult(answer as StatusDocument, terminal.screen, shown);
  };
  const { out } = terminal;
  return given.watch && out !== undefined ? watch(look, given, { out, screen: terminal.screen }) : look();
};

type Drawing = { out(text: string): void; screen: Screen };

/** Draws until the process is interrupted. */
const watch = async (
  look: () => Promise<Result>,
  { json }: Given,
  { out, screen }: Drawing,
): Promise<never> => {
  for (;;) {
    const { ok, text, answer } = await look();
    if (json) out(jsonLine({ ...answer, ok }));
    else out(screen.colour ? `${REDRAW}${text}\n` : `${text}\n\n`);
    await sleep(WATCH_EVERY_MS);
  }
};

/** Programs and people get the same verdict: `ok`, the exit code and the last line agree. */
export const statusResult = (document: StatusDocument, screen: Screen, shown: Shown): Result => {
  const isOne = document.told !== undefined && document.sites.length === 1;
  const lines = isOne ? siteLines(document, screen) : statusLines(document, screen, shown);
  const sites = shown.notFine
    ? document.sites.filter(({ condition }) => condition !== 'fine')
    : document.sites;
  return {
    ok: document.ok,
    text: lines.map((line) => paint(screen, line).trimEnd()).join('\n'),
    answer: { ...document, sites },
  };
};
