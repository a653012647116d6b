/**
 * The whole table of what browsers show (`test/browser-truth/shown.md`) beside what the prober says of the same servers. It
 * needs the ports 80 and 6000 on 127.77.0.0/16 and a key of 8,192 bits, so `npm test` asks a tenth of it alone.
 */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { disagreement, probeAll } from '../../test/browser-truth/run.ts';
import { LINES } from '../../test/browser-truth/table.ts';

describe('the prober says what browsers show', () => {
  for (const [section, lines] of Map.groupBy(LINES, (line) => line.section)) {
    test(`${section}: ${lines.length} servers`, { timeout: 300_000 }, async () => {
      const told = await probeAll(lines);
      assert.equal(told.length, lines.length);
      assert.deepEqual(
        told.flatMap((each) => disagreement(each) ?? []),
        [],
      );
    });
  }
});
