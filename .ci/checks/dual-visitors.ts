import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a visitor saw: the text of the page, or why there was none. */
export type Visitor = {
  visit(url: string): Promise<string>;
  stop(): void;
};

/** A visitor with a browser that can be steered: `call` is a method of its debugging protocol, for the tab that is open. */
export type Browser = Visitor & { call(method: string, params?: object): Promise<Result> };

/** Nobody waits longer for a page. */
export const PATIENCE_SECONDS = 30;

/** What a command is begun with to run on the host of the visitors. */
export type OnHost = (command: string, ...args: string[]) => [command: string, args: string[]];

/** A new curl for each visit: it asks the machine's resolver anew, tries one address after the other, follows redirects. */
export const curl = (on: OnHost): Visitor => ({
  visit: (url) =>
    new Promise((resolve) => {
      const command = on('curl', '-sSL', '--max-time', `${PATIENCE_SECONDS}`, url);
      execFile(...command, (error, stdout, stderr) =>
        resolve(error === null ? stdout.trim() : stderr.trim().slice(0, 80)),
      );
    }),
  stop: () => {},
});

type Result = {
  errorText?: string;
  result?: { value?: string };
  /** Of an evaluation that threw. */
  exceptionDetails?: { exception?: { description?: string } };
  targetId?: string;
  sessionId?: string;
  /** A screenshot, Base64. */
  data?: string;
};

/**
 * One Chromium that stays: with its own cache of names and its open connections, steered by its debugging protocol. `flags` are
 * given to it on top of ours.
 */
export const chromium = async (root: string, on: OnHost, flags: string[] = []): Promise<Browser> => {
  const command = on(
    'chromium',
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    // The site has no https, and a try of it would be a second fault on top of the one that is measured.
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
    `--user-data-dir=${join(root, 'profile')}`,
    '--remote-debugging-pipe',
    ...flags,
    'about:blank',
  );
  const stdio = ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'] as const;
  const child: ChildProcess = spawn(...command, { stdio: [...stdio], detached: true });
  const waiting = new Map<number, (result: Result) => void>();
  listen(child.stdio[4] as Readable, ({ id, result }) => waiting.get(id)?.(result));
  let calls = 0;
  const call = (method: string, params: object, sessionId?: string): Promise<Result> =>
    new Promise((resolve) => {
      const id = ++calls;
      waiting.set(id, resolve);
      (child.stdio[3] as Writable).write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  const { targetId } = await call('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await call('Target.attachToTarget', { targetId, flatten: true });
  const look = async (url: string): Promise<string> => {
    const { errorText } = await call('Page.navigate', { url }, sessionId);
    if (errorText !== undefined) return errorText;
    // The navigation is committed; the page itself may still be on its way.
    const expression = "document.readyState === 'complete' ? document.body.innerText : ''";
    for (let tries = 0; tries < 50; tries++) {
      const text = (await call('Runtime.evaluate', { expression }, sessionId)).result?.value?.trim();
      if (text) return text;
      await sleep(20);
    }
    return 'an empty page';
  };
  return {
    call: (method, params = {}) => call(method, params, sessionId),
    visit: (url) => Promise.race([look(url), sleep(PATIENCE_SECONDS * 1000, 'no page', { ref: false })]),
    stop: () => {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
};

/** Messages are JSON, each ended by a byte of zero. */
const listen = (from: Readable, take: (message: { id: number; result: Result }) => void): void => {
  let rest = '';
  from.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (rest + chunk).split('\0');
    rest = messages.pop() ?? '';
    for (const message of messages) {
      const { id, result = {} } = JSON.parse(message);
      take({ id, result });
    }
  });
};
