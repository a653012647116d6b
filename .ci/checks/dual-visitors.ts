import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** What a visitor saw: the text of the page, or why there was none. */
export type Visitor = {
  visit(url: string): Promise<string>;
  stop(): void;
};

/** Nobody waits longer for a page. */
export const PATIENCE_SECONDS = 30;

/** A new curl for each visit: it asks the machine's resolver anew, tries one address after the other, follows redirects. */
export const curl = (): Visitor => ({
  visit: (url) =>
    new Promise((resolve) => {
      execFile('curl', ['-sSL', '--max-time', `${PATIENCE_SECONDS}`, url], (error, stdout, stderr) =>
        resolve(error === null ? stdout.trim() : stderr.trim().slice(0, 80)),
      );
    }),
  stop: () => {},
});

type Reply = { id?: number; result?: { errorText?: string; result?: { value?: string } } };

/** One Chromium that stays: with its own cache of names and its open connections, steered by its debugging protocol. */
export const chromium = async (root: string): Promise<Visitor> => {
  const profile = join(root, 'profile');
  const flags = [
    '--headless=new',
    '--no-sandbox',
    '--disable-gpu',
    '--disable-dev-shm-usage',
    // The site has no https, and a try of it would be a second fault on top of the one that is measured.
    '--disable-features=HttpsUpgrades,HttpsFirstBalancedModeAutoEnable',
    `--user-data-dir=${profile}`,
    '--remote-debugging-port=0',
    'about:blank',
  ];
  const child: ChildProcess = spawn('chromium', flags, { stdio: 'ignore', detached: true });
  const tab = await tabOf(profile);
  const socket = new WebSocket(tab);
  await once(socket, 'open');
  let id = 0;
  const call = (method: string, params: object): Promise<Reply> =>
    new Promise((resolve) => {
      const mine = ++id;
      const listen = ({ data }: MessageEvent): void => {
        const reply = JSON.parse(String(data)) as Reply;
        if (reply.id !== mine) return;
        socket.removeEventListener('message', listen);
        resolve(reply);
      };
      socket.addEventListener('message', listen);
      socket.send(JSON.stringify({ id: mine, method, params }));
    });
  const look = async (url: string): Promise<string> => {
    const { result } = await call('Page.navigate', { url });
    if (result?.errorText !== undefined) return result.errorText;
    const seen = await call('Runtime.evaluate', { expression: 'document.body.innerText' });
    return seen.result?.result?.value?.trim() ?? '';
  };
  return {
    visit: (url) =>
      Promise.race([look(url), sleep(PATIENCE_SECONDS * 1000, 'no page', { ref: false })]).catch(String),
    stop: () => {
      socket.close();
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
    },
  };
};

const tabOf = async (profile: string): Promise<string> => {
  for (let tries = 0; tries < 150; tries++) {
    await sleep(200);
    try {
      const [port] = readFileSync(join(profile, 'DevToolsActivePort'), 'utf8').split('\n');
      const tabs = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
        type: string;
        webSocketDebuggerUrl: string;
      }[];
      const page = tabs.find(({ type }) => type === 'page');
      if (page !== undefined) return page.webSocketDebuggerUrl;
    } catch {
      // Not up yet.
    }
  }
  throw new Error('Expected Chromium to open its debugging port within 30 s.');
};
