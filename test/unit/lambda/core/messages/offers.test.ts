import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import { wrapped } from '../../../../../lambda/core/messages/layout.ts';
import {
  afterEdit,
  byHand,
  endHold,
  endSilence,
  holdAll,
  nothingWorks,
} from '../../../../../lambda/core/messages/offers.ts';
import { quietNote } from '../../../../../lambda/core/messages/silence.ts';
import { goldenMails } from './golden-mails.ts';

/** What a shell runs when all these lines are pasted: a line goes on behind a backslash, and only there. */
const runs = (lines: string): string[] =>
  lines
    .replaceAll(/ \\\n */g, ' ')
    .split('\n')
    .map((line) => line.trim());

/** The blocks of lines to copy: four columns in, which stand below what they are for. */
const blocks = (text: string): string[] => [...text.matchAll(/(?:^ {4}.*\n?)+/gm)].map(([block]) => block);

/** A command with each of its words, as the command line takes it: what is optional, in the one order in which mails have it. */
const WHOLE =
  /^npm run switchover -- (?:status --all|explain \S+|history \S+ --kind suppressed|check --\S+|[a-z-]+ \S+(?: [a-z]+)?(?: --force)? --reason "why")$/;

const commandsIn = (text: string): string[] =>
  blocks(text)
    .filter((block) => block.includes('npm run'))
    .flatMap(runs)
    .filter((line) => line !== '');

/** 60 characters, and as many as a name may have. */
const LONG = `${'a'.repeat(60 - '.dyn.example.net'.length)}.dyn.example.net`;
const LONGEST = `${['b', 'c', 'd'].map((letter) => letter.repeat(63)).join('.')}.dyn.example.net`;

const offersOf = (name: string): string => {
  const site = { ...virtualSite('shop'), name };
  const config = virtualConfig([site]);
  return wrapped(
    [
      byHand(site, config, { serving: 'primary' }),
      byHand(site, config, { serving: 'standby' }),
      afterEdit(site, config),
      endHold(site, config, { mode: 'held' }, { after: ', and it moves to standby within seconds' }),
      endSilence(site, config),
      nothingWorks(site, config, { serving: 'primary' }),
      holdAll(config).join('\n'),
      quietNote(name, { again: 'shop-tk3f' }),
      quietNote(name, { silence: { by: 'ops', reason: 'works', askedMs: 0, untilMs: 1, suppressed: 0 } }),
    ].join('\n\n'),
  );
};

describe('a command that a message offers runs as one when it is pasted', () => {
  for (const [name, { text }] of Object.entries(goldenMails()))
    test(`in ${name}`, () => {
      for (const command of commandsIn(text)) assert.match(command, WHOLE);
    });

  for (const name of [LONG, LONGEST])
    test(`of a site whose name has ${name.length} characters`, () => {
      const commands = commandsIn(offersOf(name));
      for (const command of commands) assert.match(command, WHOLE);
      assert.ok(commands.includes(`npm run switchover -- pin ${name} standby --reason "why"`), `${commands}`);
      assert.ok(
        commands.includes(`npm run switchover -- pin ${name} standby --force --reason "why"`),
        `${commands}`,
      );
      assert.ok(commands.includes(`npm run switchover -- unsilence ${name} --reason "why"`), `${commands}`);
      assert.ok(commands.includes(`npm run switchover -- explain ${name}`), `${commands}`);
    });
});

describe('what would be refused is not offered', () => {
  const site = virtualSite('www');
  const config = virtualConfig([site]);

  test('a pin to a server to which Route 53 would refuse a move', () => {
    const blocked = ['standby'];
    assert.match(byHand(site, config, { serving: 'primary' }), / pin \S+ standby /);
    assert.doesNotMatch(byHand(site, config, { serving: 'primary', blocked }), / pin /);
    assert.doesNotMatch(nothingWorks(site, config, { serving: 'primary', blocked }), / pin /);
    assert.doesNotMatch(byHand(site, config, { serving: 'standby', blocked: ['primary'] }), / failback /);
  });

  test('another standby is, where one is left', () => {
    const third = { name: 'third', ipv4: ['192.0.2.30'], ipv6: [] };
    const three = { ...site, servers: [...site.servers, third] };
    assert.match(byHand(three, config, { serving: 'primary', blocked: ['standby'] }), / pin \S+ third /);
  });
});

test('a server that is up is not to be waited for', () => {
  const site = virtualSite('www');
  const config = virtualConfig([site]);
  assert.match(byHand(site, config, { serving: 'standby' }), /Move back to primary, once it is up:/);
  assert.match(byHand(site, config, { serving: 'standby', up: ['primary'] }), /Move back to primary:/);
});
