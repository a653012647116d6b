/**
 * The page in a browser: an outage is played by clicks, watched live, and met by the keyboard alone. Needs Chromium, so it is run by
 * .ci/run and not by `npm test`. With SWITCHOVER_SHOTS=DIR it leaves pictures there.
 */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Browser, startChromium } from '../../bench/chromium.ts';
import { bootSwitchover, type Running } from '../../bench/switchover.ts';
import { CONDITIONS, type Condition } from '../../lambda/core/orders/condition.ts';
import type { StatusDocument } from '../../lambda/core/orders/status-document.ts';
import { widgetOfAll, widgetOfSite } from '../../lambda/core/view/widget.ts';
import { servePage } from '../../page/serve.ts';
import { massFailure } from '../../test/support/mass-failure.ts';

const SITE = 'www.dyn.example.test';
const { SWITCHOVER_SHOTS: SHOTS } = process.env;
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let root: string;
let cloud: Running;
let command: ChildProcess;
let url: string;
let browser: Browser;

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'switchover-page-'));
  cloud = bootSwitchover(root, []);
  await cloud.line((line) => line.event === 'ready', 90_000);
  const args = ['bin/switchover.ts', 'page', '--local', join(root, 'state'), '--json'];
  command = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: command.stdout as NodeJS.ReadableStream }), 'line');
  url = (JSON.parse(line) as { url: string }).url;
  browser = await startChromium(root);
  await resize(1280);
});
after(async () => {
  await browser?.stop();
  command?.kill('SIGINT');
  await cloud?.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

const resize = (width: number) => browser.page.setViewportSize({ width, height: 900 });
const theme = (colorScheme: 'light' | 'dark') => browser.page.emulateMedia({ colorScheme });
/** What the expression is worth in the page. Rejects with what the page throws: a deed that was not done must not be taken for done. */
const run = (expression: string): Promise<unknown> => browser.page.evaluate(expression);
const text = (selector: string): Promise<unknown> =>
  run(`document.querySelector(${JSON.stringify(selector)})?.innerText ?? ''`);
const path = (): Promise<unknown> => run('location.pathname');

/** Waits until the expression is true in the page. */
const until = async (expression: string, withinMs = 20_000): Promise<void> => {
  for (const endMs = performance.now() + withinMs; performance.now() < endMs; await sleep(50)) {
    // The page may be on its way to another, or not have come to that yet.
    if (await run(`!!(${expression})`).catch(() => false)) return;
  }
  assert.fail(`${expression} was not so within ${withinMs} ms:\n${await text('main')}`);
};
const shows = (selector: string, words: string): string =>
  `(document.querySelector(${JSON.stringify(selector)})?.innerText ?? '').includes(${JSON.stringify(words)})`;

const press = (key: 'Tab' | 'Enter') => browser.page.keyboard.press(key);
const type = (words: string) => browser.page.keyboard.type(words);
/** As a person does: it has to be seen, and nothing may lie on it. */
const click = (selector: string) => browser.page.locator(selector).first().click();

/** Steps with Tab until the focus is on what says or is named so. */
const tabTo = async (words: string): Promise<void> => {
  const named = `(document.activeElement.innerText || document.activeElement.name || '').trim()`;
  for (let steps = 0; steps < 80; steps += 1) {
    await press('Tab');
    if (String(await run(named)).startsWith(words)) return;
  }
  assert.fail(`Tab never came to ${words}.`);
};

/** What axe-core finds wrong with what is shown: the rules of WCAG 2.2 AA and its advice. */
const wrongByAxe = async (): Promise<unknown> => {
  await browser.page.evaluate(AXE);
  return browser.page.evaluate(
    `axe.run().then(({ violations }) => violations.map(({ id, nodes }) => [id, nodes[0].html]))`,
  );
};

const picture = async (name: string): Promise<void> => {
  if (SHOTS !== undefined)
    await browser.page.screenshot({ path: join(SHOTS, `${name}.png`), fullPage: true });
};

/** Elements that are wider than the screen, and not in a part that scrolls by itself. */
const TOO_WIDE = `[...document.querySelectorAll('body *')].filter((one) => one.closest('.scroll') === null && !one.classList.contains('vh') && one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.className || one.tagName)`;

describe('the page, in a browser', () => {
  it('takes the token out of its address, and shows all sites', async () => {
    await browser.visit(url);
    assert.equal(await run('location.search'), '');
    await until(shows('#counts', '1 fine'));
    await until(`!document.getElementById('live').hidden`);
    await picture('all-sites');
  });

  it('plays an outage by clicks: the server dies, the site moves, and it is said', async () => {
    await browser.visit(new URL(`/site/${SITE}`, url).href);
    // A picture for people is of a site that has been watched for a while.
    if (SHOTS !== undefined) await sleep(50_000);
    await click('.deeds button[value=kill]');
    await until(shows('#done', 'its process is killed'));
    await until(shows('.server.h-down', 'refused'));
    await until(shows('#head', 'standby serves'));
    await until(`document.getElementById('say').innerText.includes('standby serves now')`);
    assert.match(String(await text('.server.h-down')), /NOT ARMED because it is down/);
    assert.match(String(await text('.lit')), /Row 15/);
    await until(`document.querySelector('.timeline .move') !== null`);
    if (SHOTS !== undefined) await sleep(25_000);
    await picture('site-light');
    await theme('dark');
    await picture('site-dark');
    await theme('light');
  });

  it('shows how long probes took, as a picture for each server and in numbers', async () => {
    await browser.visit(new URL(`/site/${SITE}`, url).href);
    await until(`document.querySelectorAll('#latency svg').length === 2`);
    // Each vantage has looked at both servers by now.
    await until(`document.querySelectorAll('#latency tbody tr').length === 6`);
    assert.match(
      String(await run(`document.querySelector('#latency svg').getAttribute('aria-label')`)),
      /^How long probes of primary took: .* ms at most; some failed in \d+ of \d+ periods\.$/,
    );
    const drawn = (part: string) => `document.querySelector('#latency .p-${part}').getBBox().height > 1`;
    assert.equal(await run(drawn('firstByteMs')), true);
    assert.match(String(await text('#latency thead')), /Server\s+From\s+connect\s+first byte/i);
  });

  it('takes a hold by the keyboard alone: reason, a second look, done', async () => {
    await browser.visit(new URL('/', url).href);
    await tabTo(SITE);
    await press('Enter');
    await until(shows('h1', SITE));
    await tabTo('Hold');
    await press('Enter');
    await until(shows('h1', 'Hold'));
    await tabTo('reason');
    await type('network works');
    await press('Enter');
    await until(shows('h1', `Hold ${SITE}?`));
    assert.match(
      String(await text('pre')),
      /npm run switchover -- hold www\.dyn\.example\.test --for 4h --reason 'network works' --by /,
    );
    await picture('hold');
    await tabTo('Hold');
    await press('Enter');
    await until(shows('#done', 'Done.'));
    await until(shows('#head', '“network works”'));
    assert.equal(await path(), `/site/${SITE}`);
  });

  it('works without JavaScript: the same views, and a release', async () => {
    const { page, visit } = await browser.withoutScript();
    try {
      const seen = await visit(new URL(`/site/${SITE}`, url).href);
      assert.match(seen, /“network works”/);
      assert.match(seen, /Release…/);
      assert.match(seen, /How long probes took/);
      assert.equal(await page.locator('#latency svg path.p-firstByteMs').count(), 2);
      await visit(new URL(`/site/${SITE}/release`, url).href);
      await page.locator('#reason').fill('over');
      await page.locator('form.order button').click();
      await page.locator('h1', { hasText: `Release ${SITE}?` }).waitFor();
      await page.locator('form.order button').click();
      await page.locator('#done', { hasText: 'Done.' }).waitFor();
      assert.equal(await page.locator('#live').isHidden(), true);
    } finally {
      await page.close();
    }
  });

  it('fits on a telephone: nothing is wider than 360 pixels', async () => {
    await resize(360);
    for (const [name, at] of [
      ['all', '/'],
      ['site', `/site/${SITE}`],
      ['pin', `/site/${SITE}/pin`],
      ['forecast', `/site/${SITE}/forecast`],
      ['doctor', '/doctor'],
      ['hold-all', '/all/hold'],
    ] as const) {
      await browser.visit(new URL(at, url).href);
      await sleep(300);
      assert.deepEqual(await run(TOO_WIDE), [], name);
      assert.ok(Number(await run('document.documentElement.scrollWidth')) <= 360, name);
      await theme('dark');
      await picture(`narrow-${name}`);
      await theme('light');
    }
    await resize(1280);
  });

  it('has nothing that axe finds wrong, in the light and in the dark', async () => {
    const views = [
      '/',
      '/?each=1',
      '/doctor',
      '/dashboard',
      '/all/hold',
      `/site/${SITE}/forecast`,
      `/site/${SITE}`,
      `/site/${SITE}/pin`,
      `/site/${SITE}?at=${new Date().toISOString()}`,
    ];
    for (const value of ['light', 'dark'] as const) {
      await theme(value);
      for (const view of views) {
        await browser.visit(new URL(view, url).href);
        assert.deepEqual(await wrongByAxe(), [], `${view}, ${value}`);
      }
    }
    await theme('light');
  });

  it('makes a part of the cloud fail, which is told, and all be well again', async () => {
    await browser.visit(new URL('/', url).href);
    await click('button[value=table-away]');
    await until(shows('#done', 'From now on DynamoDB is away'));
    await until(shows('main', 'The state table is away'));
    await until(`document.querySelector('button[value=table-away]').getAttribute('aria-pressed') === 'true'`);
    await click('button[value=clear]');
    await until(shows('#done', 'All is well with the cloud again'));
    await until(`!(${shows('main', 'The state table is away')})`);
  });

  it('shows what another TTL would cost while it is moved, and what the doctor finds', async () => {
    await browser.visit(new URL(`/site/${SITE}/forecast`, url).href);
    await run(
      `(() => { const at = document.getElementById('ttl'); at.value = '300'; at.dispatchEvent(new Event('input', { bubbles: true })); })()`,
    );
    await until(shows('#tried', 'TTL 300 s'));
    await picture('forecast');
    await browser.visit(new URL('/doctor', url).href);
    await until(shows('main', 'would fail over now'));
    await picture('doctor');
  });

  it('plays the widget of the dashboard: one site in its place, and a hold by its button', async () => {
    const widget = browser.page.locator('.widget');
    const pressing = (label: string) =>
      widget.getByRole('button', { name: label, exact: true }).first().click();
    const fill = (name: string, words: string) => widget.locator(`[name=${name}]`).fill(words);
    await browser.visit(new URL('/dashboard', url).href);
    await until(shows('.widget', 'as it was at'));
    await pressing(SITE);
    await until(`document.querySelector('.widget [name=reason]')`);
    await fill('reason', 'network works');
    await fill('by', 'ann');
    await picture('dashboard');
    await pressing('Hold for 4 h');
    await until(shows('#done', 'Done.'));
    await pressing(SITE);
    await until(shows('.widget', 'network works'));
    await fill('reason', 'over');
    await fill('by', 'ann');
    await pressing('Release');
    await until(shows('#done', 'Done.'));
  });

  it('leads from an entry of the history to how the site was then', async () => {
    await browser.visit(new URL(`/site/${SITE}`, url).href);
    await browser.page.locator('.entries a').last().click();
    await until(shows('.sitehead', 'as it was at'));
    assert.match(String(await path()), /^\/site\//);
    await picture('site-then');
  });

  it('shows a focus that can be seen on whatever Tab comes to', async () => {
    await browser.visit(new URL(`/site/${SITE}`, url).href);
    for (let steps = 0; steps < 15; steps += 1) {
      await press('Tab');
      const outline = await run(`getComputedStyle(document.activeElement).outlineStyle`);
      assert.equal(outline, 'solid', String(await run('document.activeElement.outerHTML.slice(0, 100)')));
    }
  });
});

/** The page of a night, with its widget. */
const serveNight = (document: StatusDocument) => {
  const around = { theme: 'light', statusArn: 'arn:main-status', consoleArn: 'arn:main-console' } as const;
  const toMs = Date.parse(document.at);
  return servePage({
    where: 'eu-west-2',
    operator: 'ann',
    everyMs: 1000,
    called: 'switchover',
    suffix: '',
    ask: async () => ({ ...document }),
    widget: async (event) => {
      const one = document.sites.find(({ site }) => site === (event as { site?: string }).site);
      if (one === undefined) return widgetOfAll(document, around);
      return widgetOfSite(document, one, [], { around, fromMs: toMs - 3_600_000, toMs });
    },
  });
};

/** The contrast of each cell's sign to what is behind it, as WCAG 2.2 reckons it, by the cell's class: what is below 4.5. axe passes over texts of one character. */
const TOO_FAINT = `(() => {
  const pen = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const inkOf = (colours) => {
    pen.clearRect(0, 0, 1, 1);
    for (const colour of colours) { pen.fillStyle = colour; pen.fillRect(0, 0, 1, 1); }
    return [...pen.getImageData(0, 0, 1, 1).data].slice(0, 3);
  };
  const luminance = (colours) => {
    const [r, g, b] = inkOf(colours).map((part) => part / 255).map((part) => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const grounds = (one) => one === null ? ['white'] : [...grounds(one.parentElement), getComputedStyle(one).backgroundColor];
  return [...document.querySelectorAll('.cell')].map((one) => {
    const behind = grounds(one);
    const [high, low] = [luminance(behind), luminance([...behind, getComputedStyle(one).color])].sort((a, b) => b - a);
    return [(high + 0.05) / (low + 0.05), one.className];
  }).filter(([ratio]) => ratio < 4.5).map(([ratio, name]) => name + ' ' + ratio.toFixed(2));
})()`;

describe('the sign of a cell', () => {
  it('can be read in both themes, whatever the condition: 4.5 to 1 (WCAG AA)', async () => {
    const night = massFailure() as StatusDocument;
    const conditions = Object.keys(CONDITIONS) as Condition[];
    const sites = night.sites.map((one, at) => ({
      ...one,
      condition: conditions[at % conditions.length] ?? 'fine',
    }));
    const served = await serveNight({ ...night, sites });
    try {
      await browser.visit(served.url);
      for (const value of ['light', 'dark'] as const) {
        await theme(value);
        for (const view of ['/', '/dashboard']) {
          await browser.visit(new URL(view, served.url).href);
          assert.ok(Number(await run(`document.querySelectorAll('.cell').length`)) >= 200, view);
          assert.deepEqual(await run(TOO_FAINT), [], `${view}, ${value}`);
        }
      }
      // It finds what is faint.
      await run(`document.querySelector('.cell.warn').style.color = '#ddd'`);
      assert.equal(((await run(TOO_FAINT)) as string[]).length, 1);
    } finally {
      await theme('light');
      await served.close();
    }
  });
});

describe('the widget of 200 sites', () => {
  it('opens a site that is fine by its cell, which is named to who hears the page', async () => {
    const document = massFailure() as StatusDocument;
    const served = await serveNight(document);
    try {
      await browser.visit(served.url);
      await browser.visit(new URL('/dashboard', served.url).href);
      assert.equal(await browser.page.locator('.widget .cell').count(), 200);
      assert.deepEqual(await wrongByAxe(), []);
      const { site } = document.sites.at(-1) ?? { site: '' };
      await browser.page.getByRole('button', { name: `${site}: FINE`, exact: true }).click();
      await until(shows('.widget', `${site} `));
      await until(shows('.widget', 'primary serves'));
    } finally {
      await served.close();
    }
  });
});

describe('the page of 1,000 sites, and of 5,000', () => {
  it('is drawn in under a second, and 200 after a mass failure can be looked at', async () => {
    for (const [count, mostMs] of [
      [200, 1000],
      [1000, 1000],
      [5000, 4000],
    ] as const) {
      const document = massFailure(count);
      const source = {
        where: 'eu-west-2',
        operator: 'ann',
        everyMs: 1000,
        called: 'switchover',
        suffix: '',
        widget: async () => '',
      };
      const served = await servePage({ ...source, ask: async () => ({ ...document }) });
      try {
        await browser.visit(served.url);
        const drawn = `performance.getEntriesByType('navigation')[0].loadEventEnd`;
        await until(`${drawn} > 0`);
        const tookMs = Number(
          await run(`${drawn} - performance.getEntriesByType('navigation')[0].startTime`),
        );
        assert.ok(tookMs < mostMs, `${count} sites took ${tookMs} ms`);
        assert.equal(await run(`document.querySelectorAll('.grid .cell').length`), count);
        if (count === 200) await picture('mass-failure');
      } finally {
        await served.close();
      }
    }
  });
});
