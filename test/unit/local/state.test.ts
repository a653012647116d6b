import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CannotStart } from '../../../local/cannot-start.ts';
import { lockDirectory } from '../../../local/lock.ts';
import { readMails } from '../../../local/outside.ts';
import { openState } from '../../../local/state.ts';
import { StorageTrouble } from '../../../local/storage.ts';

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'state-'));
});
after(() => rmSync(dir, { recursive: true }));

describe('a state directory', () => {
  test('is made, locked, and free again once given back', async () => {
    const fresh = join(dir, 'deep', 'fresh');
    const unlock = await lockDirectory(fresh);
    assert.ok(existsSync(join(fresh, 'lock')));
    unlock();
    assert.ok(!existsSync(join(fresh, 'lock')));
    (await lockDirectory(fresh))();
  });

  test('that a living process has is refused, and the way out told', async () => {
    writeFileSync(join(dir, 'lock'), `${process.ppid}\n`);
    const refused = (error: unknown) =>
      error instanceof CannotStart &&
      error.message.includes(`process ${process.ppid}`) &&
      error.message.includes('--state');
    await assert.rejects(lockDirectory(dir, 150), refused);
    assert.equal(readFileSync(join(dir, 'lock'), 'utf8'), `${process.ppid}\n`);
    rmSync(join(dir, 'lock'));
  });

  test('is waited for while its process is about to end', async () => {
    const holder = spawn(process.execPath, ['-e', 'setTimeout(() => {}, 400)']);
    writeFileSync(join(dir, 'lock'), `${holder.pid}\n`);
    (await lockDirectory(dir, 10_000))();
    assert.equal(holder.exitCode, 0);
  });

  test('whose process is gone, or whose lock is rubbish, is taken over', async () => {
    const { pid } = spawnSync(process.execPath, ['--version']);
    for (const left of [`${pid}\n`, '', 'rubbish', '-1', '0']) {
      writeFileSync(join(dir, 'lock'), left);
      const unlock = await lockDirectory(dir);
      assert.equal(readFileSync(join(dir, 'lock'), 'utf8'), `${process.pid}\n`);
      unlock();
    }
  });

  test('keeps zones and mails over a restart', () => {
    const state = openState(dir);
    assert.equal(state.zones(), undefined);
    state.saveZones('{"zones":[1]}');
    state.saveZones('{"zones":[1,2]}');
    state.addMail({ to: 'a' });
    state.addMail({ to: 'b' });
    assert.equal(openState(dir).zones(), '{"zones":[1,2]}');
    assert.equal(readFileSync(join(dir, 'mail.jsonl'), 'utf8'), '{"to":"a"}\n{"to":"b"}\n');
  });

  test('does not glue a mail to one that was cut', () => {
    const fresh = mkdtempSync(join(dir, 'mails-'));
    const file = join(fresh, 'mail.jsonl');
    writeFileSync(file, '{"to":"a"}\n{"to":"b","sub');
    const state = openState(fresh);
    assert.equal(state.cutMails(), file);
    state.addMail({ to: 'c' });
    state.addMail({ to: 'd' });
    assert.equal(state.cutMails(), undefined);
    assert.equal(readFileSync(file, 'utf8'), '{"to":"a"}\n{"to":"b","sub\n{"to":"c"}\n{"to":"d"}\n');
    assert.deepEqual(
      readMails(fresh).map(({ to }) => to),
      ['a', 'c', 'd'],
    );
  });

  test('has no cut mail where there are none', () => {
    assert.equal(openState(mkdtempSync(join(dir, 'none-'))).cutMails(), undefined);
  });

  test('keeps the latest moment', () => {
    const fresh = mkdtempSync(join(dir, 'clock-'));
    assert.equal(openState(fresh).notedMs(), 0);
    openState(fresh).note(1_700_000_000_123);
    assert.equal(openState(fresh).notedMs(), 1_700_000_000_123);
  });

  test('with a file that was cut, or edited to something else, is refused in a sentence that names it', () => {
    for (const [name, texts] of [
      ['zones.json', ['{"version":1,"zo', '', 'null', '[]', '{"version":1}']],
      ['addresses.json', ['{"eipalloc-1":"i-', '[]', '{"a":1}', 'null']],
      ['clock.json', ['{"at":"2026-', '{"at":7}', '{"at":"soon"}', '[]']],
      ['subscriptions.json', ['{"ops@example.test":', '7']],
      ['parameters.json', ['{"a":{}}']],
    ] as const) {
      const fresh = mkdtempSync(join(dir, 'cut-'));
      for (const text of texts) {
        writeFileSync(join(fresh, name), text);
        assert.throws(
          () => openState(fresh),
          (error) =>
            error instanceof StorageTrouble &&
            error.message.startsWith(`Expected ${join(fresh, name)} to be `),
          `${name}: ${text}`,
        );
        assert.equal(readFileSync(join(fresh, name), 'utf8'), text);
      }
    }
  });

  test('on a full disk keeps what was there, and says so in a sentence', {
    skip: process.platform !== 'linux',
  }, () => {
    const fresh = mkdtempSync(join(dir, 'full-'));
    const state = openState(fresh);
    state.saveZones('{"zones":[]}');
    // Every write there finds no room.
    for (const name of ['zones.json.new', 'mail.jsonl']) symlinkSync('/dev/full', join(fresh, name));
    const full = (error: unknown) =>
      error instanceof StorageTrouble && /^Cannot write .*: the disk is full/.test(error.message);
    assert.throws(() => state.saveZones('{"zones":[1]}'), full);
    assert.throws(() => state.addMail({ to: 'a' }), full);
    assert.equal(state.zones(), '{"zones":[]}');
  });

  test('has the parameters that somebody wrote there, as they are now', () => {
    const { parameters } = openState(dir);
    const file = join(dir, 'parameters.json');
    assert.deepEqual(parameters(), {});
    writeFileSync(file, '{"/shop/key":"value"}');
    assert.deepEqual(parameters(), { '/shop/key': 'value' });
    for (const wrong of ['[]', '{"a":1}', '{']) {
      writeFileSync(file, wrong);
      assert.throws(parameters);
    }
  });
});
