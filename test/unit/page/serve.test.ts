/** The page over HTTP, on a loopback port, in front of the real console functions in a virtual world. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../fixtures/virtual/world.ts';
import { pressed } from '../../../lambda/console/button.ts';
import { answerCommand } from '../../../lambda/console/command.ts';
import { runTerm } from '../../../lambda/controller/term.ts';
import { widget } from '../../../lambda/status/widget.ts';
import { asShown } from '../../../page/dashboard.ts';
import { type ServedPage, servePage } from '../../../page/serve.ts';

const SITE = 'www.dyn.example.net';
let world: VirtualWorld;
let page: ServedPage;
let origin: string;
let cookie: string;
const deeds: string[] = [];
const played: string[] = [];
let fails: Error | undefined;

/** Answers while time goes on. */
const ask = async (event: object) => {
  const answer = answerCommand(world.seenBy(), event);
  await world.clock.runUntil(world.clock.now() + 1000);
  return answer;
};

before(async () => {
  world = virtualWorld(virtualConfig([virtualSite('www', { tags: ['shop'] }), virtualSite('blog')]));
  void runTerm(world.seenBy(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 40_000);
  page = await servePage({
    where: 'in a test',
    operator: 'ann',
    everyMs: 20,
    called: 'npm run switchover --',
    suffix: '--local x',
    ask: async (event) => {
      if (fails !== undefined) throw fails;
      return ask(event);
    },
    widget: async (event, isOrder) => {
      const given = event as Record<string, unknown>;
      const answer = isOrder
        ? pressed(world.seenBy(), given)
        : widget(world.seenBy(), given, 'arn:aws:lambda:eu-west-2:111122223333:function:main-status');
      await world.clock.runUntil(world.clock.now() + 1000);
      return String(await answer);
    },
    cloud: {
      troubles: { 'mails-away': 'SNS takes no message' },
      playing: async () => played,
      play: async (trouble) => void played.push(trouble),
      clear: async () => void played.splice(0),
    },
    demo: {
      servers: ['primary'],
      deeds: { kill: 'its process is killed' },
      perform: async (server, deed) => {
        deeds.push(`${deed} ${server}`);
        return `${server}: ${deed}`;
      },
    },
  });
  origin = new URL(page.url).origin;
  const entered = await fetch(page.url, { redirect: 'manual' });
  cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
});
after(async () => {
  await page.close();
});

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(origin + path, { redirect: 'manual', headers: { cookie, ...headers } });
const post = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  fetch(origin + path, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie, origin, ...headers },
    body: new URLSearchParams(fields),
  });
const textOf = async (path: string): Promise<string> => (await get(path)).text();
/** The fields of a form as it was drawn. */
const fieldsIn = (markup: string): Record<string, string> =>
  Object.fromEntries(
    [...markup.matchAll(/<input type="hidden" name="(\w+)" value="([^"]*)">/g)].map(
      ([, name = '', value = '']) => [name, value.replaceAll('&#39;', "'")],
    ),
  );
const holdFields = { for: '3600', reason: 'disks', by: 'ann' };

describe('who may see the page', () => {
  test('whoever has the token, which then leaves the address for a cookie', async () => {
    const entered = await fetch(page.url, { redirect: 'manual' });
    assert.equal(entered.status, 303);
    assert.equal(entered.headers.get('location'), '/');
    assert.match(entered.headers.get('set-cookie') ?? '', /; HttpOnly; SameSite=Strict$/);
    assert.equal((await get('/')).status, 200);
  });

  test('nobody else: no token, a wrong one, or a cookie of another', async () => {
    assert.equal((await fetch(`${origin}/`)).status, 403);
    assert.equal((await fetch(`${origin}/?token=${'x'.repeat(32)}`)).status, 403);
    const forged = cookie.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'));
    assert.equal((await get('/', { cookie: forged })).status, 403);
    assert.equal((await fetch(`${origin}/live`)).status, 403);
  });

  test('nobody by a name that was made to lead here', async () => {
    const { port } = new URL(origin);
    for (const name of ['evil.example', 'localhost', '127.0.0.1.nip.example']) {
      const status = await new Promise((resolve, reject) => {
        const headers = { host: `${name}:${port}`, cookie };
        request({ host: '127.0.0.1', port, path: '/', headers }, (response) => resolve(response.statusCode))
          .on('error', reject)
          .end();
      });
      assert.equal(status, 421, name);
    }
  });

  test('nor another page, be it only to look, or with the token', async () => {
    const token = new URL(page.url).searchParams.get('token');
    for (const stranger of ['http://127.0.0.1:1', 'https://evil.example', 'null'])
      for (const path of ['/', `/site/${SITE}`, '/live', '/metrics', '/page.css', `/?token=${token}`]) {
        const answer = await get(path, { origin: stranger });
        assert.equal(answer.status, 403, `${stranger} ${path}`);
        assert.equal(answer.headers.get('set-cookie'), null);
      }
    assert.equal((await get('/', { origin })).status, 200);
  });

  test('and a form of another page changes nothing, not even from another port of this machine', async () => {
    for (const stranger of ['http://127.0.0.1:1', 'https://evil.example', 'null']) {
      const answer = await post(`/site/${SITE}/hold`, { ...holdFields, sure: '1' }, { origin: stranger });
      assert.equal(answer.status, 403, stranger);
    }
    assert.equal((await post('/trouble', { do: 'mails-away' }, { origin: 'null' })).status, 403);
    assert.equal(
      (await post('/demo', { server: 'primary', do: 'kill' }, { origin: 'http://localhost' })).status,
      403,
    );
    assert.deepEqual([deeds, played], [[], []]);
  });
});

describe('metrics', () => {
  const token = () => new URL(page.url).searchParams.get('token');
  const asked = (headers: Record<string, string>) =>
    fetch(`${origin}/metrics`, { redirect: 'manual', headers });

  test('are read by a program that shows the token, and by who has opened the page', async () => {
    const answer = await asked({ authorization: `Bearer ${token()}` });
    assert.equal(answer.status, 200);
    assert.equal(answer.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
    assert.equal(answer.headers.get('set-cookie'), null);
    const text = await answer.text();
    assert.match(
      text,
      new RegExp(`^switchover_server_up\\{deployment="\\w+",site="${SITE}",server="\\w+"\\} 1$`, 'm'),
    );
    assert.equal((await get('/metrics')).status, 200);
  });

  test('by nobody else, and the token opens nothing but them that way', async () => {
    assert.equal((await asked({})).status, 403);
    assert.equal((await asked({ authorization: 'Bearer ' })).status, 403);
    assert.equal((await asked({ authorization: `Bearer ${'x'.repeat(32)}` })).status, 403);
    const authorization = `Bearer ${token()}`;
    assert.equal((await fetch(`${origin}/`, { headers: { authorization } })).status, 403);
    const order = { method: 'POST', headers: { authorization, origin }, body: new URLSearchParams() };
    assert.equal((await fetch(`${origin}/metrics`, order)).status, 403);
  });
});

describe('every answer', () => {
  test('allows no script and no style but its own files, and no frame', async () => {
    for (const path of ['/', `/site/${SITE}`, '/page.css', '/live.js', '/nowhere']) {
      const { headers } = await get(path);
      const policy = headers.get('content-security-policy') ?? '';
      assert.match(policy, /^default-src 'none'; style-src 'self'; script-src 'self';/);
      assert.doesNotMatch(policy, /unsafe|http|\*/);
      assert.equal(headers.get('x-content-type-options'), 'nosniff');
      assert.equal(headers.get('cache-control'), 'no-store');
    }
  });

  test('has nothing in it that the policy would stop, and nothing of another host', async () => {
    for (const path of ['/', '/doctor', `/site/${SITE}`, `/site/${SITE}/pin`, `/site/${SITE}/forecast`]) {
      const markup = await textOf(path);
      assert.doesNotMatch(markup, / style=| on[a-z]+=|<style|<script(?! src="\/live\.js" defer>)/);
      assert.doesNotMatch(markup, /(?:src|href|action)="(?!\/|\?|#|")/);
    }
  });

  test('is a page also for what is not there', async () => {
    for (const path of ['/nowhere', '/site/nobody.example', `/site/${SITE}/explode`, `/site/${SITE}/a/b`]) {
      const answer = await get(path);
      assert.equal(answer.status, 404, path);
      assert.match(await answer.text(), /<h1>Not there<\/h1>/);
    }
    assert.equal((await get('/', {})).status, 200);
  });

  test('says why when nobody can be asked, and the page is there again after', async () => {
    fails = new Error('The AWS credentials have expired. Sign in <again>.');
    const answer = await get(`/site/${SITE}`);
    assert.equal(answer.status, 502);
    assert.match(
      await answer.text(),
      /role="alert">The AWS credentials have expired\. Sign in &lt;again&gt;\./,
    );
    fails = undefined;
    assert.equal((await get(`/site/${SITE}`)).status, 200);
  });
});

describe('the views', () => {
  test('all sites, filtered by what stands in the address', async () => {
    assert.match(await textOf('/'), /2 fine/);
    const tagged = await textOf('/?tag=shop');
    assert.match(tagged, /1 of 2 sites/);
    assert.match(tagged, /<option selected>shop<\/option>/);
  });

  test('one site: each server with its causes, ARMED, the row that holds, and what happened', async () => {
    const markup = await textOf(`/site/${SITE}`);
    assert.match(markup, /<strong>SERVES<\/strong>/);
    assert.match(markup, /<strong>ARMED<\/strong>: it would take over/);
    assert.match(markup, /<span class="badge small fine">ok<\/span> /);
    assert.match(markup, /<strong>Row 15, fine<\/strong>/);
    assert.match(markup, /<s>Rows 10-12<\/s> <span>primary serves and is up<\/span>/);
    assert.match(markup, /<svg class="timeline"/);
    assert.match(markup, /created: nothing -&gt; primary, epoch 1, is in the zone/);
  });
});

describe('a hand', () => {
  test('asks for a reason, shows the command, and is done at the second step alone', async () => {
    const first = await textOf(`/site/${SITE}/hold`);
    const drawn = fieldsIn(first);
    const lacking = await post(`/site/${SITE}/hold`, { ...drawn, ...holdFields, reason: ' ' });
    assert.equal(lacking.status, 422);
    assert.match(await lacking.text(), /role="alert" id="problem">A reason is missing/);
    const second = await (await post(`/site/${SITE}/hold`, { ...drawn, ...holdFields })).text();
    assert.match(second, /primary goes on serving, also if it dies\./);
    assert.match(
      second,
      /npm run switchover -- hold www\.dyn\.example\.net --for 1h --reason disks --by ann --local x/,
    );
    const asked = await ask({ action: 'status', site: SITE });
    assert.equal(asked.sites?.[0]?.mode, 'auto');
    const done = await post(`/site/${SITE}/hold`, { ...fieldsIn(second), sure: '1' });
    assert.equal(done.status, 303);
    const shown = await textOf(done.headers.get('location') ?? '');
    assert.match(shown, /role="status" id="done"><strong>Done\.<\/strong> www\.dyn\.example\.net: /);
    assert.match(shown, /held by ann until [\d: -]+: “disks”/);
  });

  test('that was drawn for something else is not carried out', async () => {
    const drawn = fieldsIn(await textOf(`/site/${SITE}/release`));
    await post(`/site/${SITE}/release`, { ...drawn, reason: 'over', by: 'ann', sure: '1' });
    const late = await post(`/site/${SITE}/release`, { ...drawn, reason: 'over', by: 'bo', sure: '1' });
    assert.equal(late.status, 409);
    assert.match(await late.text(), /has changed since you opened this form/);
  });

  test('on all sites is given in two steps, told at the top, and ended so', async () => {
    const modes = async () => (await ask({ action: 'status' })).sites?.map(({ mode }) => mode);
    for (const [action, wanted, label] of [
      ['hold', 'held', 'Hold all…'],
      ['release', 'auto', 'Release all…'],
      ['silence', 'auto', 'Silence all…'],
      ['unsilence', 'auto', 'End silence all…'],
    ] as const) {
      assert.ok((await textOf('/')).includes(label), label);
      const drawn = fieldsIn(await textOf(`/all/${action}`));
      assert.equal((await post(`/all/${action}`, { ...drawn, ...holdFields, reason: '' })).status, 422);
      const second = await (await post(`/all/${action}`, { ...drawn, ...holdFields })).text();
      assert.match(second, new RegExp(`-- ${action} --all `));
      const done = await post(`/all/${action}`, { ...fieldsIn(second), sure: '1' });
      assert.equal(done.status, 303);
      assert.match(await textOf(done.headers.get('location') ?? ''), /id="done"><strong>Done\./);
      assert.deepEqual(await modes(), [wanted, wanted], action);
    }
    assert.doesNotMatch(await textOf('/'), /Release all|End silence all/);
    const late = await post('/all/hold', { ...holdFields, drawn: 'x', sure: '1' });
    assert.equal(late.status, 409);
    for (const path of ['/all/pin', '/all', '/all/hold/x', '/all/failback'])
      assert.equal((await get(path)).status, 404, path);
  });

  test('that is refused says so in place', async () => {
    const drawn = fieldsIn(await textOf(`/site/${SITE}/failback`));
    const done = await post(`/site/${SITE}/failback`, { ...drawn, reason: 'x', by: 'ann', sure: '1' });
    assert.match(await textOf(done.headers.get('location') ?? ''), /<strong>Not done\.<\/strong>/);
  });

  test('makes a demo server fail', async () => {
    const done = await post('/demo', { server: 'primary', do: 'kill', site: SITE });
    assert.match(await textOf(done.headers.get('location') ?? ''), /primary: kill/);
    assert.deepEqual(deeds, ['kill primary']);
  });

  test('makes a part of a local cloud fail, and all be well again', async () => {
    assert.match(await textOf('/'), /<button name="do" value="mails-away">SNS takes no message<\/button>/);
    const done = await post('/trouble', { do: 'mails-away' });
    const shown = await textOf(done.headers.get('location') ?? '');
    assert.match(shown, /<strong>Done\.<\/strong> From now on SNS takes no message\./);
    assert.match(shown, /value="mails-away" aria-pressed="true"/);
    const wrong = await post('/trouble', { do: 'constructor' });
    assert.match(
      await textOf(wrong.headers.get('location') ?? ''),
      /Not done\..*Expected one of mails-away and clear/,
    );
    await post('/trouble', { do: 'clear' });
    assert.deepEqual(played, []);
  });

  test('of more than a form holds is refused', async () => {
    const answer = await post(`/site/${SITE}/hold`, { reason: 'x'.repeat(10_000) });
    assert.equal(answer.status, 413);
  });
});

test('who listens is told that there is something new, and in words what', async () => {
  const stream = await get('/live', {});
  assert.equal(stream.headers.get('content-type'), 'text/event-stream');
  const reader = (stream.body as ReadableStream<Uint8Array>).getReader();
  let heard = '';
  world.servers.set('203.0.113.10', 'refuses');
  while (!heard.includes('standby serves now')) {
    const { value, done } = await reader.read();
    assert.equal(done, false, heard);
    heard += Buffer.from(value ?? []).toString();
  }
  await reader.cancel();
  assert.match(heard, /event: new\ndata: \{"news":"[^"]*www\.dyn\.example\.net: standby serves now/);
  const moved = await textOf(`/site/${SITE}`);
  assert.match(moved, /<strong>NOT ARMED<\/strong> because it is down/);
  assert.match(moved, /<span class="badge small bad">refused<\/span>/);
});

describe('the widget of the dashboard', () => {
  const PRESS = /<button name="press" value="([^"]+)"[^>]*>([^<]+)<\/button>/g;
  const pressesIn = (markup: string): Record<string, string> =>
    Object.fromEntries(
      [...markup.matchAll(PRESS)].map(([, value = '', label = '']) => [
        label,
        value.replaceAll('&quot;', '"'),
      ]),
    );
  const pressing = async (press: string | undefined, typed: Record<string, string> = {}): Promise<string> =>
    (await post('/dashboard', { press: press ?? '', ...typed })).text();

  test('leads to a site and back, and its buttons give orders, once', async () => {
    const all = await textOf('/dashboard');
    const one = await pressing(pressesIn(all)[SITE]);
    assert.match(one, /primary serves/);
    const hold = pressesIn(one)['Hold for 4 h'];
    assert.match(await pressing(hold, { reason: 'disks', by: 'ann' }), /id="done"><p><b>Done\.<\/b>/);
    assert.match(
      await pressing(hold, { reason: 'disks', by: 'ann' }),
      /<b>Not done\.<\/b>.*has changed meanwhile/,
    );
    const held = await pressing(pressesIn(all)[SITE]);
    assert.match(held, /held by ann/);
    assert.match(await pressing(pressesIn(held).Release, { reason: 'over', by: 'ann' }), /<b>Done\.<\/b>/);
    assert.match(await pressing(pressesIn(held)['All sites']), /Sites?|sites/);
  });

  test('that is no press shows all sites, and may have a style of its own but no script', async () => {
    for (const press of ['', '{', '[]', '{"endpoint":7}', '{"endpoint":"x","event":null}'])
      assert.match(await pressing(press), /2 sites, as it was at/, press);
    const policy = (await get('/dashboard')).headers.get('content-security-policy') ?? '';
    assert.match(policy, /style-src 'self' 'unsafe-inline'; script-src 'self';/);
  });

  test('is stripped of what CloudWatch strips', () => {
    const { markup } = asShown(
      '<p onclick="x()">a<script>x()</script><iframe src="y"></iframe><svg><use href="z"/></svg></p>',
    );
    assert.equal(markup, '<p>a<svg></svg></p>');
  });
});

describe('what could be', () => {
  test('a forecast, for a TTL and a failure that are tried; what is none is as it is configured', async () => {
    const own = await textOf(`/site/${SITE}/forecast`);
    const [, seconds = ''] = /TTL (\d+) s<\/strong>, as it is configured/.exec(own) ?? [];
    assert.ok(Number(seconds) > 0, own);
    assert.match(own, /Visitors lose \d+ s on average, half are back after \d+ s/);
    assert.match(own, /<svg [^>]*role="img"/);
    const lost = async (query: string): Promise<number> =>
      Number(/Visitors lose (\d+) s/.exec(await textOf(`/site/${SITE}/forecast?${query}`))?.[1]);
    assert.ok((await lost('ttl=300')) > (await lost('ttl=10')));
    assert.ok((await lost('failure=silent')) >= (await lost('failure=refused')));
    for (const wrong of ['ttl=0', 'ttl=soon', 'ttl=1e9', 'failure=constructor'])
      assert.match(await textOf(`/site/${SITE}/forecast?${wrong}`), /as it is configured/, wrong);
    assert.equal((await get('/site/nobody.example/forecast')).status, 404);
  });

  test('the doctor says so where the function that is asked cannot look', async () => {
    const answer = await get('/doctor');
    assert.equal(answer.status, 502);
    assert.match(await answer.text(), /Not done: this function cannot look\./);
  });
});

describe('back in time', () => {
  const before = new Date(START_MS + 20_000).toISOString();

  test('a site is shown as it was: who served, each server, the row, and what had happened by then', async () => {
    assert.match(await textOf(`/site/${SITE}`), /standby serves/);
    const then = await textOf(`/site/${SITE}?at=${before}`);
    assert.match(then, /as it was at [\d-]+ [\d:]+ UTC<\/strong>/);
    assert.match(then, /primary serves since [\d:]+ UTC \(\d+ s\) · auto<\/strong>/);
    assert.doesNotMatch(then, /standby serves|<span class="badge bad">DOWN/);
    assert.match(then, /<strong>SERVES<\/strong>/);
    assert.doesNotMatch(then, /release…/);
    const start = await textOf(`/site/${SITE}?at=${new Date(START_MS + 1000).toISOString()}`);
    assert.doesNotMatch(start, /class="who"[^>]*>standby/);
    assert.match(then, /<strong>Row \d+, \w+<\/strong>/);
    const [, href = ''] = /<li><a href="([^"]+)">/.exec(await textOf(`/site/${SITE}`)) ?? [];
    assert.match(await textOf(href), /as it was at/);
  });

  test('all sites, each with the row that held', async () => {
    const then = await textOf(`/?at=${before}`);
    assert.match(then, /<h1>All sites as they were at /);
    assert.match(
      then,
      new RegExp(`<a href="/site/${SITE}\\?at=[^"]+">${SITE}</a></th><td><span class="badge fine">`),
    );
    assert.match(await textOf('/'), /<form class="moment"/);
    assert.match(then, new RegExp(`<a class="cell fine" href="/site/${SITE}\\?at=`));
  });

  test('an outage in the words, the cards and the cells that it had while it was now', async () => {
    const now = await textOf('/');
    const [, card = ''] =
      /<li class="group[^"]*">\s*(<p class="what">.*?<\/p>\s*<p class="why">.*?<\/p>)/s.exec(now) ?? [];
    assert.match(
      card,
      /FAILED OVER.*primary refused \d+ (?:s|min), all at 203\.0\.113\.0\/24 · standby serves \d+ (?:s|min) · no standby left/s,
    );
    const at = new Date(world.clock.now() - 500).toISOString();
    const then = await textOf(`/?at=${at}`);
    const said = card
      .replaceAll(/\d+ (?:s|min)\b/g, '')
      .replaceAll(/href="[^"]+"| ?<span class="dim">incident.*?<\/span>/g, '');
    assert.ok(
      then
        .replaceAll(/\d+ (?:s|min)\b/g, '')
        .replaceAll(/href="[^"]+"/g, '')
        .includes(said),
      `${said}\n${then}`,
    );
    assert.match(then, /failed over<\/span>.*no armed standby/s);
    assert.match(await textOf(`/site/${SITE}?at=${at}`), /<span class="badge small bad">refused<\/span>/);
  });

  test('before anything is on record it says so, and a moment that is none, or has not come, is refused', async () => {
    assert.match(await textOf(`/site/${SITE}?at=2020-01-01T00:00:00`), /NOT ON RECORD/);
    assert.match(
      await textOf('/?at=2020-01-01T00:00:00'),
      /<p class="counts"><span class="count warn">2 not on record/,
    );
    for (const at of ['yesterday', '2026-02-31', '2099-01-01T00:00:00Z', '<b>']) {
      const answer = await get(`/site/${SITE}?at=${encodeURIComponent(at)}`);
      assert.equal(answer.status, 400, at);
      assert.match(await answer.text(), /Expected a moment of the past such as/);
    }
  });
});

test('an incident is acknowledged in two steps, once', async () => {
  const incident = (await ask({ action: 'status', site: SITE })).sites?.[0]?.incident;
  assert.ok(incident);
  const second = await post(`/site/${SITE}/acknowledge`, {
    ...fieldsIn(await textOf(`/site/${SITE}/acknowledge`)),
    reason: 'disks',
    by: 'ann',
  });
  const sure = await second.text();
  assert.match(sure, new RegExp(`-- acknowledge ${incident} --reason disks --by ann`));
  const done = await post(`/site/${SITE}/acknowledge`, { ...fieldsIn(sure), sure: '1' });
  const shown = await textOf(done.headers.get('location') ?? '');
  assert.match(shown, /<strong>Done\.<\/strong>/);
  assert.match(shown, /acknowledged by ann/);
  assert.doesNotMatch(shown, /Acknowledge…/);
});
