import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** One visit, times by `performance.now()`. `from`: the machine whose page came; none if it failed. */
export type Visit = { startedAt: number; endedAt: number; from?: string };
export type Visitor = { name: string; visits: Visit[]; stop(): Promise<void> };

export const URL_VISITED = 'http://www.flip.example/';
/** What each machine shows of itself. */
export const pageOf = (machine: string): string => `the page of the site, from ${machine}`;
const fromOf = (text: string): string | undefined => /the page of the site, from ([\d.]+)/.exec(text)?.[1];
/** Visitors give up then. */
const PATIENCE_MS = 10_000;
const EVERY_MS = 500;

const sleep = (ms: number) => new Promise<undefined>((done) => setTimeout(() => done(undefined), ms));

/** A new curl each half second, whether or not the ones before have ended: a crowd of visitors who come once. */
export const curl = (): Visitor => {
  const visits: Visit[] = [];
  const running = new Set<ChildProcess>();
  const visit = () => {
    const startedAt = performance.now();
    const flags = ['-sS', '-L', '--max-time', String(PATIENCE_MS / 1000), '-w', '\n%{http_code}'];
    const child = spawn('curl', [...flags, URL_VISITED], { stdio: ['ignore', 'pipe', 'ignore'] });
    running.add(child);
    let said = '';
    child.stdout.on('data', (chunk) => {
      said += chunk;
    });
    child.on('close', () => {
      running.delete(child);
      visits.push({
        startedAt,
        endedAt: performance.now(),
        from: /\n200$/.test(said) ? fromOf(said) : undefined,
      });
    });
  };
  const timer = setInterval(visit, EVERY_MS);
  return {
    name: 'curl',
    visits,
    async stop() {
      clearInterval(timer);
      await Promise.all([...running].map((child) => once(child, 'close')));
    },
  };
};

/** What of Chrome's DevTools protocol is needed: a command, its answer. */
type Tab = { send(method: string, params?: object): Promise<Record<string, unknown>>; close(): void };

/** One person with one browser, who loads the page again half a second after it came, or was given up. */
export const chromium = async (dir: string): Promise<Visitor> => {
  const profile = join(dir, 'chromium');
  const browser = spawn(
    'chromium',
    [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--remote-debugging-port=0',
      `--user-data-dir=${profile}`,
      // It would ask for https first, of servers that have none.
      '--disable-features=HttpsUpgrades,HttpsFirstBalancedMode,HttpsFirstBalancedModeAutoEnable',
      '--no-first-run',
      '--disable-background-networking',
      'about:blank',
    ],
    { stdio: 'ignore', detached: true },
  );
  const tab = await openTab(profile);
  await tab.send('Page.enable');
  const visits: Visit[] = [];
  let over = false;
  const going = (async () => {
    while (!over) {
      const startedAt = performance.now();
      const from = fromOf(await load(tab));
      visits.push({ startedAt, endedAt: performance.now(), from });
      await sleep(Math.max(0, EVERY_MS - (performance.now() - startedAt)));
    }
  })();
  return {
    name: 'Chromium',
    visits,
    async stop() {
      over = true;
      await going;
      tab.close();
      const exited = once(browser, 'exit');
      if (browser.pid !== undefined) process.kill(-browser.pid, 'SIGKILL');
      await exited;
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 });
    },
  };
};

/** What the tab shows when the page has come, `undefined` while it is coming. */
const SHOWN = 'document.readyState === "complete" ? document.body.innerText : undefined';

/** The page's text; nothing if it did not come. */
const load = async (tab: Tab): Promise<string> => {
  // A tab that waits for a server which is silent leaves some commands without an answer: none of them is waited for longer.
  const text = await Promise.race([shown(tab, performance.now() + PATIENCE_MS), sleep(PATIENCE_MS)]);
  if (text === undefined) void tab.send('Page.stopLoading');
  return text ?? '';
};

/** What the tab shows once it is there. */
const shown = async (tab: Tab, givenUpAt: number): Promise<string | undefined> => {
  const { errorText } = await tab.send('Page.navigate', { url: URL_VISITED });
  if (errorText !== undefined) return '';
  while (performance.now() < givenUpAt) {
    const look = await tab.send('Runtime.evaluate', { expression: SHOWN, returnByValue: true });
    const { value } = (look.result ?? {}) as { value?: string };
    if (value !== undefined) return value;
    await sleep(20);
  }
};

/** Chromium writes its port into its profile once it listens. */
const openTab = async (profile: string): Promise<Tab> => {
  const file = join(profile, 'DevToolsActivePort');
  for (let tries = 0; !existsSync(file) || readFileSync(file, 'utf8').split('\n').length < 2; tries += 1) {
    if (tries === 200) throw new Error('Expected Chromium to listen within 20 s, it did not.');
    await sleep(100);
  }
  const [port] = readFileSync(file, 'utf8').split('\n');
  const tabs = (await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()) as {
    type: string;
    webSocketDebuggerUrl: string;
  }[];
  const page = tabs.find(({ type }) => type === 'page');
  if (page === undefined) throw new Error('Expected Chromium to have a tab, it has none.');
  const socket = new WebSocket(page.webSocketDebuggerUrl);
  await once(socket, 'open');
  const waiting = new Map<number, (answer: Record<string, unknown>) => void>();
  let count = 0;
  socket.addEventListener('message', ({ data }) => {
    const { id, result = {} } = JSON.parse(String(data)) as { id?: number; result?: Record<string, unknown> };
    if (id === undefined) return;
    waiting.get(id)?.(result);
    waiting.delete(id);
  });
  return {
    send: (method, params = {}) =>
      new Promise((resolve) => {
        count += 1;
        waiting.set(count, resolve);
        socket.send(JSON.stringify({ id: count, method, params }));
      }),
    close: () => socket.close(),
  };
};
