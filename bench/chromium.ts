import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type BrowserContext, type Page, chromium as playwright } from 'playwright-core';

/** Nobody waits longer for a page. */
export const PATIENCE_SECONDS = 30;

/** What a command is begun with to run on another host, or with another environment. */
export type OnHost = (command: string, ...args: string[]) => [command: string, args: string[]];
const here: OnHost = (command, ...args) => [command, args];

/** What a visitor saw: the text of the page, or why there was none. */
export type Visitor = { visit(url: string): Promise<string>; stop(): Promise<void> };

/** Debian's Chromium with one tab, which stays: with its own cache of names and its open connections. */
export type Browser = Visitor & {
  page: Page;
  /** A second tab with the same cookies, in which no script runs. */
  withoutScript(): Promise<Pick<Browser, 'page' | 'visit'>>;
};

const quoted = (word: string): string => `'${word.replaceAll("'", "'\\''")}'`;

/** A program of its own that starts Chromium there: the browser is spoken to over descriptors that it inherits. */
const starter = (root: string, on: OnHost): string => {
  const file = join(root, 'chromium.sh');
  const [command, args] = on('chromium');
  writeFileSync(file, `#!/bin/sh\nexec ${[command, ...args].map(quoted).join(' ')} "$@"\n`, { mode: 0o755 });
  return file;
};

/** The page once it has come, or after a second what there is of it by then. */
const shown = async (page: Page): Promise<string> => {
  const expression = "document.readyState === 'complete' ? document.body.innerText : ''";
  for (let tries = 0; tries < 50; tries += 1) {
    // The page may be on its way to another.
    const text = (await page.evaluate<string>(expression).catch(() => '')).trim();
    if (text !== '') return text;
    await sleep(20);
  }
  return 'an empty page';
};

const visitIn =
  (page: Page, patienceMs: number) =>
  async (url: string): Promise<string> => {
    const look = page.goto(url, { waitUntil: 'commit', timeout: patienceMs }).then(
      () => shown(page),
      (error: Error) => /net::\w+/.exec(error.message)?.[0] ?? 'no page',
    );
    return Promise.race([look, sleep(patienceMs, 'no page', { ref: false })]);
  };

/** Starts it below `root`. Needs Debian's chromium. `flags` are given to it on top of Playwright's. */
export const startChromium = async (
  root: string,
  options: { on?: OnHost; flags?: string[]; patienceMs?: number } = {},
): Promise<Browser> => {
  const { on = here, flags = [], patienceMs = PATIENCE_SECONDS * 1000 } = options;
  const browser = await playwright.launch({
    executablePath: starter(root, on),
    // Root has no sandbox, and namespaces of a test have no place for one.
    chromiumSandbox: false,
    args: ['--disable-gpu', ...flags],
  });
  const opened = async (context: BrowserContext) => {
    const page = await context.newPage();
    return { page, visit: visitIn(page, patienceMs) };
  };
  const first = await browser.newContext();
  return {
    ...(await opened(first)),
    withoutScript: async () =>
      opened(
        await browser.newContext({ javaScriptEnabled: false, storageState: await first.storageState() }),
      ),
    stop: () => browser.close(),
  };
};
