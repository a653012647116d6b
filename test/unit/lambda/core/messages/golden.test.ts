import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, test } from 'node:test';
import { readCommand } from '../../../../../lambda/core/orders/command.ts';
import { CONFIG, goldenMails } from './golden-mails.ts';

const FOLDER = new URL('./golden/', import.meta.url);
const UPDATE = 'SWITCHOVER_UPDATE_GOLDEN';
const COLUMNS = 72;

const mails = Object.entries(goldenMails());

describe('golden mails, to be read as prose', () => {
  for (const [name, { subject, text }] of mails)
    test(name, () => {
      const path = new URL(`${name}.txt`, FOLDER);
      const received = `${subject}\n\n${text}\n`;
      if (process.env[UPDATE] === '1') writeFileSync(path, received);
      assert.equal(received, readFileSync(path, 'utf8'), `${UPDATE}=1 writes it anew; read it then.`);
    });

  test('there is none that no mail is like', () => {
    const files = globSync('*.txt', { cwd: FOLDER }).map((file) => basename(file, '.txt'));
    assert.deepEqual(files.sort(), mails.map(([name]) => name).sort());
    assert.ok(files.length >= 10);
  });
});

describe('each golden mail', () => {
  for (const [name, { subject, text, atMs }] of mails) {
    test(`${name} fits its lines, and its subject a mailbox`, () => {
      for (const line of text.split('\n')) {
        // An address stays whole: mail programs make a link of it.
        const isAddress = /^https:\/\/\S+$/.test(line);
        assert.ok(line.length <= COLUMNS || isAddress, `${line.length}: ${line}`);
      }
      assert.ok(subject.length < 100, subject);
      assert.match(subject, /^[A-Z]{2,}[A-Z ]* [0-9a-z]/, 'how bad it is comes first');
      assert.match(subject, / \[[a-z0-9-]+\]$/, 'the incident comes last');
    });

    test(`${name} says when and what before the third line ends`, () => {
      const preview = text.split('\n').slice(0, 3).join(' ');
      const when = `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC: `;
      assert.ok(preview.startsWith(when), preview);
      assert.match(preview, /\b(?:www|shop|api|main|primary|standby)\b/, 'who');
    });

    test(`${name} ends with where the dashboard is`, () => {
      const url =
        'https://eu-west-2.console.aws.amazon.com/cloudwatch/home?region=eu-west-2#dashboards:name=main-eu-west-2';
      assert.deepEqual(text.split('\n').slice(-4, -1), ['The dashboard of main:', url, '']);
    });

    test(`${name} offers orders that are taken`, () => {
      const [, json] = /with the event\n((?: {4}.*\n)+)/.exec(text) ?? [];
      if (json === undefined) return;
      const event: unknown = JSON.parse(json.replace(/\n {4}/g, ''));
      assert.equal('refused' in readCommand(event, CONFIG), false, json);
    });
  }
});
