import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { COMMANDS, type CommandName, isProgram } from '../../../bin/grammar.ts';
import { main } from '../../../bin/main.ts';
import { jsonLine as lineOfStart } from '../../../local/timeline.ts';
import { temporaryDirectory } from '../lib/fixture.ts';

const CONFIG = ['--config', join(import.meta.dirname, '../../../examples/local.config.json')];
const server = createServer((_, response) => response.end('ok'));
let url: string;
before(async () => {
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
after(() => server.close());

/** What a command says with --json, and its exit code; what goes on ends with its first line. */
const said = async (...args: string[]) => {
  let text = '';
  const code = await main([...args, '--json'], {
    screen: { colour: false, width: Number.POSITIVE_INFINITY },
    progress: (_what, work) => work,
    out: (part) => {
      text += part;
    },
    err: () => {},
  });
  return { code, lines: text.trimEnd().split('\n') };
};

/** A command line of each. What asks a deployment finds none; the others come to their end. */
const LINES: Record<Exclude<CommandName, 'start' | 'demo'>, () => [code: number, ...args: string[]]> = {
  status: () => [1, '--local', 'nowhere'],
  history: () => [1, '--local', 'nowhere'],
  explain: () => [1, 'www.example.com', '--local', 'nowhere'],
  hold: () => [1, 'www.example.com', '--for', '2h', '--reason', 'a test', '--local', 'nowhere'],
  pin: () => [
    1,
    ...['www.example.com', '--server', 'standby', '--for', '2h'],
    ...['--reason', 'a test', '--local', 'nowhere'],
  ],
  release: () => [1, 'www.example.com', '--reason', 'a test', '--local', 'nowhere'],
  failback: () => [1, 'www.example.com', '--reason', 'a test', '--local', 'nowhere'],
  adopt: () => [1, 'www.example.com', '--for', '2h', '--reason', 'a test', '--local', 'nowhere'],
  'put-back': () => [1, 'www.example.com', '--reason', 'a test', '--local', 'nowhere'],
  point: () => [1, 'www.example.com', '--server', 'standby', '--reason', 'a test', '--local', 'nowhere'],
  silence: () => [1, 'www.example.com', '--for', '2h', '--reason', 'a test', '--local', 'nowhere'],
  unsilence: () => [1, 'www.example.com', '--reason', 'a test', '--local', 'nowhere'],
  acknowledge: () => [1, 'www-k3f9ab', '--reason', 'a test', '--local', 'nowhere'],
  check: () => [0, '--offline', ...CONFIG],
  diff: () => [1, '--local', 'nowhere', ...CONFIG],
  forecast: () => [0, ...CONFIG],
  cost: () => [0, ...CONFIG],
  synth: () => [0, '--template', join(temporaryDirectory(), 'templates'), ...CONFIG],
  init: () => [0, temporaryDirectory(), '--yes', '--offline'],
  probe: () => [0, url],
  page: () => [1, '--local', 'nowhere'],
  'demo-server': () => [1, 'primary', 'kill', '--local', 'nowhere'],
  gate: () => [2],
  completion: () => [0, 'bash'],
};

describe('--json', () => {
  test('has a line of each command below', () => {
    assert.deepEqual(
      COMMANDS.filter((name) => !isProgram(name)).filter((name) => !(name in LINES)),
      [],
    );
  });

  for (const [name, lineOf] of Object.entries(LINES))
    test(`${name} ends with one object that says its version first, and whether it went well`, async () => {
      const [code, ...args] = lineOf();
      const { code: got, lines } = await said(name, ...args);
      const last = lines.at(-1) ?? '';
      assert.match(last, /^\{"v":1,/);
      assert.deepEqual([got, JSON.parse(last).ok], [code, code === 0], last);
    });

  test('start says it in each line', () => {
    const line = lineOfStart({
      event: 'published',
      site: 'www.example.com',
      epoch: 3,
      at: '2026-11-22T03:14:00Z',
    });
    assert.deepEqual(JSON.parse(line), {
      v: 1,
      event: 'published',
      site: 'www.example.com',
      epoch: 3,
      at: '2026-11-22T03:14:00Z',
    });
  });
});
