import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { Observation } from '../../lambda/core/probe/request.ts';
import { ask, questionOf } from './ask.ts';
import type { Case } from './case.ts';
import { serveCase } from './serve.ts';
import { SIBLINGS } from './siblings.ts';
import { EXCEPTED, exceptionOf, NOT_SHOWN, verdictOf } from './siblings-shown.ts';

/** On a busy machine it takes a while until two seconds come in which a prober is not short of CPU. */
const TRIES = 8;

/** Closed at the end: a prober knows a server by its port, and another one must not get the port of one that was sound. */
const servers: { close(): Promise<void> }[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

const askOnce = async (id: string, one: Case): Promise<Observation> => {
  const server = await serveCase(one);
  const observation = await ask(questionOf(one, id, server), []);
  if (one.port === undefined && one.morePorts === undefined) servers.push(server);
  else await server.close();
  return observation;
};

const holds = (id: string, { outcome, code, detail }: Observation): void =>
  assert.equal(outcome, verdictOf(id), `${id}: ${code}: ${detail}`);

/** A prober short of CPU has measured nothing: these are asked again, and nothing beside them. */
const starved: [id: string, one: Case][] = [];

describe('servers beside those of the table', { concurrency: 8 }, () => {
  for (const [id, one] of Object.entries(SIBLINGS) as [string, Case][]) {
    const shown = !NOT_SHOWN.includes(id);
    const reason = exceptionOf(id)?.reason;
    test(`${id}: ${shown ? 'shown' : 'not shown'} by Chromium, ${verdictOf(id)}${reason ? `, since ${reason}` : ''}`, async () => {
      const observation = await askOnce(id, one);
      if (observation.outcome === 'unknown') starved.push([id, one]);
      else holds(id, observation);
    });
  }

  test('each that is named has a server', () => {
    const named = EXCEPTED.flatMap(({ ids }) => ids);
    assert.equal(new Set(named).size, named.length, 'an exception stands twice');
    for (const id of [...NOT_SHOWN, ...named]) assert.ok(SIBLINGS[id], id);
  });
});

test('those that the machine had no time for are judged so, too', async () => {
  for (const [id, one] of starved) {
    let observation = await askOnce(id, one);
    for (let left = TRIES; observation.outcome === 'unknown' && left > 0; left -= 1)
      observation = await askOnce(id, one);
    holds(id, observation);
  }
});
