import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { startChromium } from '../chromium.ts';

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

/** One person with one browser, who loads the page again half a second after it came, or was given up. */
export const chromium = async (dir: string): Promise<Visitor> => {
  const browser = await startChromium(dir, { patienceMs: PATIENCE_MS });
  const visits: Visit[] = [];
  let over = false;
  const going = (async () => {
    while (!over) {
      const startedAt = performance.now();
      const from = fromOf(await browser.visit(URL_VISITED));
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
      await browser.stop();
    },
  };
};
