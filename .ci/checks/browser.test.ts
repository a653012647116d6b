/**
 * The local cloud beside a browser: a page of somebody else, open in Chromium on this machine, tries what such pages can try. Needs
 * Chromium, so it is run by .ci/run and not by `npm test`.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { startChromium, type Visitor } from '../../bench/chromium.ts';
import { bootSwitchover, type Line, type Running } from '../../bench/switchover.ts';

const RULE = { service: 'sns', operation: 'Publish', fault: 'deny' };

/**
 * What the page runs, from its own name or from one that was made to resolve to loopback: each way to put a fault into the local
 * cloud, and to read from it. It then shows what came of each.
 */
const PAGE = `<!doctype html><title>someone else's page</title><script>
const { target, rule, key } = PLAN;
const url = target + '/_local/faults';
const ways = {
  simple: { method: 'POST', mode: 'no-cors', body: rule },
  preflighted: { method: 'POST', body: rule, headers: { authorization: key } },
  read: { headers: { authorization: key } },
  image: { mode: 'no-cors' },
  signed: { method: 'POST', body: 'Action=Publish', headers: { authorization: 'AWS4-HMAC-SHA256 Credential=x' } },
};
const attempt = async ([way, options]) => {
  try {
    const answer = await fetch(url, options);
    return way + ' ' + (answer.type === 'opaque' ? 'sent unread' : answer.status);
  } catch {
    return way + ' kept back';
  }
};
Promise.all(Object.entries(ways).map(attempt)).then((all) => { document.body.textContent = all.join(', '); });
</script><body></body>`;

let root: string;
let cloud: Running;
let ready: Line;
let pages: Server;
let browser: Visitor;
let key: string;

before(async () => {
  root = mkdtempSync(join(tmpdir(), 'switchover-browser-'));
  cloud = bootSwitchover(root, []);
  ready = await cloud.line((line) => line.event === 'ready', 90_000);
  key = `Bearer ${(ready.operator as { secretAccessKey: string }).secretAccessKey}`;
  const own = `http://rebound.example:${new URL(String(ready.aws)).port}`;
  pages = createServer((request, response) => {
    const target = request.url === '/rebound' ? own : String(ready.aws);
    const plan = { target, key, rule: JSON.stringify(RULE) };
    response.setHeader('content-type', 'text/html').end(PAGE.replace('PLAN', JSON.stringify(plan)));
  }).listen(0, '127.0.0.1');
  browser = await startChromium(root, { flags: ['--host-resolver-rules=MAP *.example 127.0.0.1'] });
});
after(async () => {
  await browser?.stop();
  pages?.close();
  await cloud?.stop();
  rmSync(root, { recursive: true, force: true, maxRetries: 5 });
});

const at = (name: string, path: string): string =>
  `http://${name}:${(pages.address() as AddressInfo).port}${path}`;

/** The page is awaited until it says what came of its attempts. */
const outcome = async (url: string): Promise<string> => {
  const said = await browser.visit(url);
  assert.match(said, /^simple /, said);
  return said;
};

const faults = async (): Promise<unknown> => {
  const answer = await fetch(`${ready.aws}/_local/faults`, { headers: { authorization: key } });
  return ((await answer.json()) as { faults: unknown }).faults;
};

describe("somebody's page, open in a browser on this machine", () => {
  it('can play no fault and read nothing across, not even with the key', async () => {
    const said = await outcome(at('evil.example', '/'));
    assert.equal(
      said,
      'simple sent unread, preflighted kept back, read kept back, image sent unread, signed kept back',
    );
    assert.deepEqual(await faults(), []);
  });

  it('can do no more from a name that was made to resolve to this machine', async () => {
    const said = await outcome(at('evil.example', '/rebound'));
    assert.equal(
      said,
      'simple sent unread, preflighted kept back, read kept back, image sent unread, signed kept back',
    );
    const port = new URL(String(ready.aws)).port;
    assert.match(
      await browser.visit(`http://rebound.example:${port}/_local/faults`),
      /Expected Host to be a name/,
    );
    assert.deepEqual(await faults(), []);
  });

  it('is told what it was refused for, where it can read the answer', async () => {
    const direct = await browser.visit(`${ready.aws}/_local/faults`);
    assert.match(direct, /Expected the operator's key of this start/);
  });
});
