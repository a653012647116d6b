import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { newLife } from '../../../../fixtures/virtual/mishaps.ts';
import { START_MS, virtualConfig, virtualSite, virtualWorld } from '../../../../fixtures/virtual/world.ts';
import { type Answer, answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';

/** Locally a minute of the schedule may last a second (`npm start -- --tick 1`). */
describe('controllers that follow one another within seconds', () => {
  for (const tickS of [1, 2, 5])
    test(`know of one another's looks, and decide: one each ${tickS} s`, async () => {
      const world = virtualWorld(virtualConfig([virtualSite('www')], { intervalSeconds: 5 }));
      const answers: Answer[] = [];
      for (let atS = 0; atS < 120; atS += tickS) {
        await world.clock.runUntil(START_MS + atS * 1000);
        void runTerm(world.mortal(newLife(), 0), new Date(START_MS + atS * 1000).toISOString());
        if (atS < 30) continue;
        if (atS >= 60) world.servers.set('203.0.113.10', 'refuses');
        void answerCommand(world.mortal(newLife(), 0), { action: 'status' }).then((one) => answers.push(one));
      }
      assert.ok(answers.length >= 15);
      for (const { silentControllers, message } of answers) {
        assert.equal(silentControllers, 0, message);
        assert.match(message, /^The last round started at .* or later\.$/);
      }
      const moves = world.lines.filter(({ event }) => event === 'switch').map((line) => Date.parse(line.at));
      assert.equal(moves.length, 2, 'the first records, and the failover');
      assert.ok((moves[1] ?? 0) - START_MS - 60_000 < 25_000);
    });
});
