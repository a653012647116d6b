import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { CannotStart } from '../../../local/cannot-start.ts';
import { STATE_FILES } from '../../../local/directory.ts';
import { lockDirectory } from '../../../local/lock.ts';
import { readMails } from '../../../local/outside.ts';
import { openState } from '../../../local/state.ts';
import { StorageTrouble } from '../../../local/storage.ts';

let dir: string;
before(() => {
  dir = mkdtempSync(join(tmpdir(), 'state-'));
  chmodSync(dir, 0o755);
});

const NOBODY = 65534;
/** Whoever is root may read everything, so it is done as somebody else then. */
const asSomebody = async (act: () => Promise<unknown>): Promise<void> => {
  const isRoot = process.getuid?.() === 0;
  if (isRoot) process.seteuid?.(NOBODY);
  try {
    await act();
  } finally {
    if (isRoot) process.seteuid?.(0);
  }
};
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
      [
        'clock.json',
        [
          ...['{"at":"2026-', '{"at":7}', '{"at":"soon"}', '[]'],
          // Moments that Date takes, and with which nothing could go on.
          ...['Sun, 32', '2026-11-30', '+275760-09-13T00:00:00.000Z', '9999-12-31T23:59:59.000Z'].map(
            (at) => `{"at":"${at}"}`,
          ),
        ],
      ],
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

  describe('with something else in the place of a file is refused at once, in a sentence that names it', {
    skip: process.platform === 'win32',
  }, () => {
    const kinds: [what: string, make: (path: string) => void, says: RegExp][] = [
      ['a directory', (path) => mkdirSync(path), /found a directory\. Move it away, or name another/],
      [
        'a link that leads nowhere',
        (path) => symlinkSync('/nowhere/at/all', path),
        /found a link that leads nowhere/,
      ],
      [
        'a link in a circle',
        (path) => symlinkSync(path, path),
        /links lead round in a circle there \(ELOOP\)/,
      ],
      ['a pipe', (path) => spawnSync('mkfifo', [path]), /found something that is no file/],
      [
        'a file that nobody may read',
        (path) => writeFileSync(path, '{}', { mode: 0 }),
        /found one that this user may not read/,
      ],
    ];
    for (const [what, make, says] of kinds)
      test(what, async () => {
        for (const name of STATE_FILES.flatMap((one) => [one, `${one}.new`])) {
          const fresh = mkdtempSync(join(dir, 'else-'));
          chmodSync(fresh, 0o755);
          make(join(fresh, name));
          await asSomebody(() =>
            assert.rejects(lockDirectory(fresh), (error) => {
              assert.ok(error instanceof StorageTrouble, `${name}: ${error}`);
              assert.ok(
                error.message.startsWith(`Expected ${join(fresh, name)} to be a file`),
                error.message,
              );
              assert.match(error.message, says);
              return true;
            }),
          );
        }
      });
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
