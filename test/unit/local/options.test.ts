import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readOptions, USAGE, UsageError } from '../../../local/options.ts';

const DEFAULTS = {
  configFile: undefined,
  assemblyDir: undefined,
  stateDir: undefined,
  dnsPort: 8053,
  port: 4566,
  tickSeconds: 60,
  forSeconds: undefined,
  watchRealServers: false,
  json: false,
};

describe('the arguments of npm start', () => {
  const cases: [string[], Partial<ReturnType<typeof readOptions> & object>][] = [
    [[], {}],
    [['--config', 'ours.json'], { configFile: '/here/ours.json' }],
    [['--config', '/etc/ours.ts', '--state=../kept'], { configFile: '/etc/ours.ts', stateDir: '/kept' }],
    [['--assembly', 'cdk.out'], { assemblyDir: '/here/cdk.out' }],
    [['--dns-port', '0', '--port', '65535'], { dnsPort: 0, port: 65_535 }],
    [['--tick', '0.5', '--for', '90', '--json'], { tickSeconds: 0.5, forSeconds: 90, json: true }],
    [['--for', '5s'], { forSeconds: 5 }],
    [['--for', '10m', '--tick', '2m'], { forSeconds: 600, tickSeconds: 120 }],
    [['--for', '2h'], { forSeconds: 7200 }],
  ];
  for (const [args, expected] of cases) {
    test(args.join(' ') || 'none', () =>
      assert.deepEqual(readOptions(args, '/here'), { ...DEFAULTS, ...expected }),
    );
  }

  test('--help and -h win over everything else', () => {
    assert.equal(readOptions(['--port', 'x', '--help'], '/here'), 'help');
    assert.equal(readOptions(['-h'], '/here'), 'help');
  });

  test('every flag is in the help', () => {
    for (const flag of ['config', 'assembly', 'state', 'dns-port', 'port', 'tick', 'for', 'json', 'help'])
      assert.match(USAGE, new RegExp(`^ {2}--${flag}\\b`, 'm'));
  });
});

describe('refused with what was received', () => {
  const cases: [string[], RegExp][] = [
    [['--nope'], /^Expected a known option, received --nope\.$/],
    [['--dnsport', '3'], /^Expected a known option, received --dnsport\. Did you mean --dns-port\?$/],
    [['extra'], /'extra'/],
    [['--config'], /--config/],
    [['--config', ''], /--config to name a path, received nothing/],
    [['--config', 'a.json', '--assembly', 'b'], /--config or --assembly, received both/],
    [['--port', '65536'], /--port to be a port from 0 to 65535, received "65536"/],
    [['--port', '-1'], /--port/],
    [['--dns-port', 'dns'], /--dns-port to be a port from 0 to 65535, received "dns"/],
    [
      ['--tick', '0'],
      /--tick to be a time above 0 such as 90s, 10m or 2h, or a number of seconds, received "0"/,
    ],
    [['--tick', '1e3'], /--tick/],
    [
      ['--for', 'ever'],
      /--for to be a time above 0 such as 90s, 10m or 2h, or a number of seconds, received "ever"/,
    ],
    [['--for', '5 s'], /received "5 s"/],
    [['--for', '30d'], /--for to be at most 2000000 s, received "30d"/],
    [['--for', '9999999'], /--for/],
  ];
  for (const [args, message] of cases) {
    test(args.join(' '), () =>
      assert.throws(
        () => readOptions(args, '/here'),
        (error) => error instanceof UsageError && message.test(error.message),
      ),
    );
  }
});
