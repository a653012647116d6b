import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { closeToOthers, makePrivate, STATE_FILES } from '../../../local/directory.ts';

let home: string;
before(() => {
  home = mkdtempSync(join(tmpdir(), 'directory-'));
});
after(() => rmSync(home, { recursive: true }));

const modeOf = (...path: string[]): string => (statSync(join(home, ...path)).mode & 0o777).toString(8);

describe('a state directory', () => {
  test('is made for its owner alone, with what is missing above it', () => {
    makePrivate(join(home, 'a', 'b'));
    assert.deepEqual([modeOf('a'), modeOf('a', 'b')], ['700', '700']);
    makePrivate(join(home, 'a', 'b'));
  });

  test('that an earlier start left open is closed, with everything in it', () => {
    const dir = join(home, 'open');
    mkdirSync(join(dir, 'dynamodb'), { recursive: true });
    const files = [...STATE_FILES, 'zones.json.new', 'dynamodb/LOG'];
    for (const name of files) writeFileSync(join(dir, name), '');
    for (const name of ['', 'dynamodb']) chmodSync(join(dir, name), 0o755);
    for (const name of files) chmodSync(join(dir, name), 0o644);
    // Neither of ours: closed as a file it could not be entered.
    for (const name of ['demo.json', 'dynamodb/lost']) mkdirSync(join(dir, name), { mode: 0o755 });
    closeToOthers(dir);
    assert.deepEqual([modeOf('open'), modeOf('open', 'dynamodb')], ['700', '700']);
    for (const name of files.filter((one) => !one.endsWith('.new')))
      assert.equal(modeOf('open', name), '600', name);
    for (const name of ['demo.json', 'dynamodb/lost']) assert.equal(modeOf('open', name), '755', name);
  });

  test('has its files described in docs/local-cloud.md', () => {
    const page = readFileSync(new URL('../../../docs/local-cloud.md', import.meta.url), 'utf8');
    assert.deepEqual(
      STATE_FILES.filter((name) => !page.includes(`\n| \`${name}\``)),
      [],
    );
  });

  test('that holds other things too keeps its mode, and so do they; ours in it are closed', () => {
    const dir = join(home, 'shared');
    mkdirSync(dir);
    for (const name of ['notes.txt', 'mail.jsonl']) writeFileSync(join(dir, name), '');
    for (const name of ['notes.txt', 'mail.jsonl']) chmodSync(join(dir, name), 0o644);
    chmodSync(dir, 0o755);
    closeToOthers(dir);
    assert.deepEqual(
      ['', 'notes.txt', 'mail.jsonl'].map((name) => modeOf('shared', name)),
      ['755', '644', '600'],
    );
  });

  test('that is a link is closed where it leads to; a link in it leads to what is not ours', () => {
    const [dir, elsewhere] = [join(home, 'real'), join(home, 'elsewhere')];
    mkdirSync(dir);
    writeFileSync(elsewhere, '');
    chmodSync(dir, 0o755);
    chmodSync(elsewhere, 0o644);
    symlinkSync(elsewhere, join(dir, 'mail.jsonl'));
    symlinkSync(dir, join(home, 'link'));
    closeToOthers(join(home, 'link'));
    assert.deepEqual([modeOf('real'), modeOf('elsewhere')], ['700', '644']);
  });
});
