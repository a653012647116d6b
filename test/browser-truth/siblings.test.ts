import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import { ask, questionOf } from './ask.ts';
import type { Case } from './case.ts';
import { serveCase } from './serve.ts';
import { SIBLINGS } from './siblings.ts';
import { EXCEPTED, exceptionOf, NOT_SHOWN, verdictOf } from './siblings-shown.ts';

/** On a busy machine a prober may be short of CPU: it has measured nothing then, and is asked again. */
const TRIES = 4;

/** Closed at the end: a prober knows a server by its port, and another one must not get the port of one that was sound. */
const servers: { close(): Promise<void> }[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

describe('servers beside those of the table', { concurrency: 8 }, () => {
  for (const [id, one] of Object.entries(SIBLINGS) as [string, Case][]) {
    const shown = !NOT_SHOWN.includes(id);
    const reason = exceptionOf(id)?.reason;
    const verdict = verdictOf(id);
    test(`${id}: ${shown ? 'shown' : 'not shown'} by Chromium, ${verdict}${reason ? `, since ${reason}` : ''}`, async () => {
      for (let tried = 1; ; tried += 1) {
        const server = await serveCase(one);
        const { outcome, code, detail } = await ask(questionOf(one, id, server), []);
        if (one.port === undefined && one.morePorts === undefined) servers.push(server);
        else await server.close();
        if (outcome === 'unknown' && tried < TRIES) continue;
        assert.equal(outcome, verdict, `${code}: ${detail}`);
        return;
      }
    });
  }

  test('each that is named has a server', () => {
    const named = EXCEPTED.flatMap(({ ids }) => ids);
    assert.equal(new Set(named).size, named.length, 'an exception stands twice');
    for (const id of [...NOT_SHOWN, ...named]) assert.ok(SIBLINGS[id], id);
  });
});
