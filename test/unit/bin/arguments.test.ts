import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readArguments } from '../../../bin/arguments.ts';
import { COMMANDS, flagsOf, isProgram, UsageError } from '../../../bin/grammar.ts';
import { helpText } from '../../../bin/help.ts';

const NOW_MS = Date.parse('2026-11-22T12:00:00Z');
const read = (...args: string[]) => readArguments(args, NOW_MS);
const SILENT = { json: false, offline: false };

describe('a command line that is understood', () => {
  const cases: [args: string[], given: object][] = [
    [['status'], { command: 'status', which: {} }],
    [['status', 'WWW.Example.com.'], { command: 'status', which: { site: 'www.example.com' } }],
    [['status', '--all', '--json'], { command: 'status', which: {}, unfolded: true, json: true }],
    [
      ['status', '--tag', 'shop', '--all', '--not-fine', '--sort', 'since', '--watch'],
      {
        command: 'status',
        which: { tag: 'shop' },
        unfolded: true,
        notFine: true,
        sort: 'since',
        watch: true,
      },
    ],
    [
      ['history', '--since', '2h', '--until', '2026-11-22 11:50', '--kind', 'told,hand'],
      {
        command: 'history',
        which: {},
        since: '2026-11-22T10:00:00.000Z',
        until: '2026-11-22T11:50:00.000Z',
        kind: 'told,hand',
      },
    ],
    [['history', '--limit', '7', '--tag', 'shop'], { command: 'history', which: { tag: 'shop' }, limit: 7 }],
    [
      ['explain', 'www', '--at', '2026-11-22 03:14'],
      { command: 'explain', which: { site: 'www' }, at: '2026-11-22T03:14:00.000Z' },
    ],
    [
      ['hold', '--all', '--for', '2h', '--reason', 'a b', '--by=eve', '--local', 'x'],
      { command: 'hold', which: { all: true }, forSeconds: 7200, reason: 'a b', by: 'eve', local: 'x' },
    ],
    [
      ['--force', 'pin', '--server', 's', 'www', '--reason=-', '--config', 'c.ts'],
      { command: 'pin', which: { site: 'www' }, server: 's', reason: '-', force: true, config: 'c.ts' },
    ],
    [
      ['pin', 'www', 'standby', '--reason', 'x'],
      { command: 'pin', which: { site: 'www' }, server: 'standby', reason: 'x' },
    ],
    [
      ['point', 'www', 'standby', '--planned', '--reason', 'x'],
      { command: 'point', which: { site: 'www' }, server: 'standby', planned: true, reason: 'x' },
    ],
    [
      ['point', '--tag', 'shop', '--server', 'standby', '--reason', 'x'],
      { command: 'point', which: { tag: 'shop' }, server: 'standby', reason: 'x' },
    ],
    [
      ['demo-server', 'primary', 'hang'],
      { command: 'demo-server', which: {}, demo: { server: 'primary', deed: 'hang' } },
    ],
    [['list'], { command: 'status', which: {} }],
    [['explain'], { command: 'explain', which: {} }],
    [['explain', '--at', '20m'], { command: 'explain', which: {}, at: '2026-11-22T11:40:00.000Z' }],
    [['check', '--offline'], { command: 'check', which: {}, offline: true }],
    [['diff', '--local', 'd', '--config', 'c'], { command: 'diff', which: {}, local: 'd', config: 'c' }],
  ];
  for (const [args, given] of cases)
    test(args.join(' '), () => assert.deepEqual(read(...args), { ...SILENT, ...given }));
});

test('SWITCHOVER_LOCAL stands for --local, where a command takes it and no flag says otherwise', () => {
  const given = (...args: string[]) => readArguments(args, NOW_MS, { SWITCHOVER_LOCAL: 'there' });
  const localOf = (...args: string[]) => (given(...args) as { local?: string }).local;
  assert.equal(localOf('status'), 'there');
  assert.equal(localOf('hold', 'www', '--reason', 'x'), 'there');
  assert.equal(localOf('status', '--local', 'here'), 'here');
  assert.equal(localOf('status', '--config', 'c.ts'), undefined);
  assert.equal(localOf('cost'), undefined);
});

describe('a command line that is refused', () => {
  const cases: [args: string[], says: RegExp][] = [
    [[], /^Expected a command, received none\./],
    [['staus'], /received "staus"\. Did you mean status\?/],
    [['status', '--sort', 'best'], /^Expected --sort to be one of worst, name, since, received "best"\.$/],
    [
      ['history', '--kind', 'told,seem'],
      /^Expected --kind to be one or several of seen, .*, received "seem"\.$/,
    ],
    [['history', '--since', 'soon'], /^Expected --since to be a time such as/],
    [['failover', 'www'], /Did you mean pin\?/],
    [['frobnicate'], /^Expected a command, received "frobnicate"\. There are status, history,/],
    [['config'], /^Expected a command, received "config"\./],
    [['hold', 'www', '--resaon', 'x'], /^hold does not know --resaon\. Did you mean --reason\?/],
    [['hold', 'www', '-r'], /^hold does not know -r\. It takes --tag,/],
    [
      ['status', '--reason', 'x'],
      /^status does not take --reason\. It takes --tag, --all, --not-fine, --sort, --watch, --json/,
    ],
    [['release', 'www', '--for', '2h', '--reason', 'x'], /^release does not take --for\./],
    [['hold', 'www'], /^Expected --reason,/],
    [['point', 'www', '--reason', 'x'], /^Expected SITE and SERVER, or --server, received no server/],
    [
      ['point', 'www', 'a', 'b', '--reason', 'x'],
      /^Expected SITE and SERVER, received "www" and "a" and "b"/,
    ],
    [
      ['pin', 'www', 'standby', 'now', '--reason', 'x'],
      /^Expected SITE and SERVER, received "www" and "standby" and "now"/,
    ],
    [['pin', 'www', '--server', 's', '--planned', '--reason', 'x'], /^pin does not take --planned/],
    [['hold', 'www', '--reason'], /^Expected --reason to be followed by a reason.*received nothing/],
    [['hold', 'www', '--reason', ' '], /^Expected --reason to be followed by/],
    [['pin', 'www', '--reason', '--force'], /^Expected --reason to be followed by .*received --force/],
    [['hold', '--reason', 'x'], /^Expected SITE, --tag T or --all, received none of them/],
    [
      ['hold', 'www', '--all', '--reason', 'x'],
      /^Expected one of SITE, --tag and --all, received "www" and --all/,
    ],
    [['hold', '--tag', 'a', '--tag', 'b', '--reason', 'x'], /^Expected --tag once, received it twice/],
    [['hold', 'www', '--reason', 'load', 'test'], /received "www" and "test"\. .*need quotes/],
    [
      ['hold', 'www', '--reason', 'x', '--for', '2 h'],
      /^Expected --for to be a time such as .*received "2 h"/,
    ],
    [['hold', 'www', '--reason', 'x', '--for', '0m'], /^Expected --for to be a time above 0 /],
    [['hold', 'www', '--reason', 'x', '--for', '40d'], /^Expected --for to be at most 30d, received "40d"/],
    [['pin', 'www', '--reason', 'x'], /^Expected SITE and SERVER, or --server, received no server/],
    [['history', '--limit', '0'], /^Expected --limit to be a whole number above 0, received "0"/],
    [['explain', 'www', '--at', 'yesterday'], /^Expected --at to be a time such as .*received "yesterday"/],
    [
      ['explain', 'www', '--at', '2026-02-31'],
      /^Expected --at to be a day that there is, received "2026-02-31": there is no 2026-02-31\./,
    ],
    [['explain', 'www', '--at', '2026-13-01 03:14'], /"2026-13-01 03:14": there is no 2026-13-01\./],
    [['history', 'www', '--since', '2026-02-31'], /^Expected --since to be a day that there is, received/],
    [['explain', 'www', '--at', '2026-02-28 24:61'], /^Expected --at to be a time such as/],
    [['explain', 'www', '--at', '2027-01-01'], /^Expected --at to be in the past/],
    [['status', '--json=1'], /^Expected --json to stand alone, received --json=1/],
    [['status', '--local', 'a', '--config', 'b'], /^Expected --local or --config, received both/],
    [['check', '--notify', '--deployed'], /^Expected --notify alone, received another option with it/],
    [['check', '--notify', '--tag', 'shop'], /^Expected --notify alone/],
    [['check', '--offline', '--deployed'], /^Expected --offline alone, received --deployed/],
    [['demo-server', 'primary'], /one of kill, hang, slow, break, revive, received primary\.$/],
    [['demo-server', 'primary', 'smash'], /received primary smash\.$/],
    [['demo-server', 'primary', 'kill', '--all'], /^demo-server does not take --all/],
    [['diff', 'www'], /^diff is about all sites/],
    [['help', 'holt'], /Did you mean hold\?/],
  ];
  for (const [args, says] of cases) {
    test(args.join(' ') || 'nothing', () =>
      assert.throws(
        () => read(...args),
        (error) => error instanceof UsageError && says.test(error.message),
      ),
    );
  }

  test('with the usage of its own command, when a flag lacks its value', () => {
    for (const args of [['--reason', ''], ['--reason'], ['--force=1']])
      assert.throws(
        () => read('pin', 'www', ...args),
        (error: UsageError) => error.command === 'pin',
      );
  });
});

describe('help', () => {
  test('is asked for by word and by flag, whatever else is missing', () => {
    assert.deepEqual(read('help'), { help: undefined });
    assert.deepEqual(read('-h'), { help: undefined });
    assert.deepEqual(read('help', 'pin'), { help: 'pin' });
    assert.deepEqual(read('pin', '--help'), { help: 'pin' });
    assert.deepEqual(read('help', 'help'), { help: undefined });
    assert.deepEqual(read('help', 'list'), { help: 'status' });
  });

  test('on the version is asked for like it', () => {
    for (const args of [['--version'], ['-v'], ['version'], ['status', '--version']])
      assert.deepEqual(read(...args), { version: true });
  });

  for (const command of COMMANDS) {
    test(`on ${command} tells every flag, and its examples are understood`, () => {
      const text = helpText(command);
      for (const flag of flagsOf(command)) assert.match(text, new RegExp(`^ {2}--${flag} `, 'm'));
      const examples = [...text.matchAll(/^ {2}npm run switchover -- (.*)$/gm)].map(([, line = '']) => line);
      assert.ok(examples.length >= 1 && examples.length <= 3);
      for (const line of examples) {
        const args = [...line.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, bare]) => quoted ?? bare ?? '');
        // Its own options are for itself to read.
        if (isProgram(command)) {
          assert.equal(args[0], command);
          continue;
        }
        const given = readArguments(args, NOW_MS + 86_400_000);
        assert.ok('command' in given && given.command === command);
      }
      assert.match(helpText(undefined), new RegExp(`^ {2}${command} `, 'm'));
    });
  }
});
