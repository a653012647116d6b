import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CannotStart } from '../../../local/cannot-start.ts';
import { StorageTrouble } from '../../../local/storage.ts';
import { synthesize } from '../../../local/synthesize.ts';

let home: string;
before(() => {
  home = mkdtempSync(join(tmpdir(), 'synthesize-'));
});
after(() => rmSync(home, { recursive: true }));

/** Refused by the app once it runs, which is soon. */
const EMPTY = {};
const refusedByApp = (error: unknown): boolean =>
  error instanceof CannotStart && error.message.includes('switchover.config.json');

describe('a directory for an assembly', () => {
  test("with somebody else's work in it is left as it is, and told", async () => {
    const dir = join(home, 'theirs');
    mkdirSync(dir);
    writeFileSync(join(dir, 'manifest.json'), 'precious');
    await assert.rejects(
      synthesize(dir, EMPTY),
      (error) =>
        error instanceof CannotStart &&
        /theirs to be missing, empty or made by npm start/.test(error.message),
    );
    assert.equal(readFileSync(join(dir, 'manifest.json'), 'utf8'), 'precious');
  });

  test("that leads by a link to somebody else's is left, too", async () => {
    mkdirSync(join(home, 'work'));
    writeFileSync(join(home, 'work', 'thesis.txt'), 'precious');
    symlinkSync(join(home, 'work'), join(home, 'link'));
    await assert.rejects(synthesize(join(home, 'link'), EMPTY), CannotStart);
    assert.equal(readFileSync(join(home, 'work', 'thesis.txt'), 'utf8'), 'precious');
  });

  test('that is a file is told in a sentence, and stays', async () => {
    const file = join(home, 'file');
    writeFileSync(file, 'precious');
    await assert.rejects(synthesize(file, EMPTY), StorageTrouble);
    assert.equal(readFileSync(file, 'utf8'), 'precious');
  });

  test('of ours is made anew, also when the synthesis before it did not come far', async () => {
    const dir = join(home, 'ours');
    await assert.rejects(synthesize(dir, EMPTY), refusedByApp);
    writeFileSync(join(dir, 'left-over'), '');
    await assert.rejects(synthesize(dir, EMPTY), refusedByApp);
    assert.throws(() => readFileSync(join(dir, 'left-over')));
  });
});
