import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite, ZONE } from '../../../../../fixtures/virtual/world.ts';
import { ACTIONS, type Command, onlyReads, readCommand } from '../../../../../lambda/core/orders/command.ts';
import type { Server } from '../../../../../lambda/core/site/site.ts';

const third: Server = { name: 'third', ipv4: ['192.0.2.30'], ipv6: [] };
const www = virtualSite('www', { tags: ['shop', 'eu'] });
const api = virtualSite('api', { tags: ['eu'], servers: [...www.servers, third] });
const config = virtualConfig([www, api]);
const words = { reason: 'drill', by: 'ops' };
const name = www.name;

const DEFAULTS = { by: '', reason: '', forMs: 86_400_000, force: false, limit: 50 };

describe('commands that are read', () => {
  const good: [title: string, event: unknown, expected: Partial<Command>][] = [
    ['status of all', { action: 'status' }, { sites: [www, api] }],
    ['status of one', { action: 'status', site: name }, { sites: [www] }],
    ['history of all, so many', { action: 'history', limit: 500 }, { sites: [www, api], limit: 500 }],
    [
      'explain then',
      { action: 'explain', site: name, at: '2026-11-22T03:14:00Z' },
      { sites: [www], atMs: Date.UTC(2026, 10, 22, 3, 14) },
    ],
    ['hold everything', { action: 'hold', all: true, ...words }, { sites: [www, api], ...words }],
    [
      'hold by tag',
      { action: 'hold', tag: 'shop', forSeconds: 7200, ...words },
      { sites: [www], forMs: 7_200_000, ...words },
    ],
    [
      'hold for the longest',
      { action: 'hold', site: name, forSeconds: 2_592_000, ...words },
      { sites: [www], forMs: 2_592_000_000, ...words },
    ],
    [
      'pin',
      { action: 'pin', site: name, server: 'standby', force: true, ...words },
      { sites: [www], server: 'standby', force: true, ...words },
    ],
    [
      'pin by tag to a server that all have',
      { action: 'pin', tag: 'eu', server: 'primary', ...words },
      { sites: [www, api], server: 'primary', ...words },
    ],
    ['release', { action: 'release', tag: 'eu', ...words }, { sites: [www, api], ...words }],
    ['failback', { action: 'failback', site: name, ...words }, { sites: [www], ...words }],
    [
      'a planned switch',
      { action: 'point', site: name, server: 'standby', planned: true, ...words },
      { sites: [www], server: 'standby', planned: true, ...words },
    ],
    ['adopt', { action: 'adopt', site: name, ...words }, { sites: [www], ...words }],
    [
      'put-back',
      { action: 'put-back', site: name, force: true, ...words },
      { sites: [www], force: true, ...words },
    ],
    [
      'words of 200 characters in any script',
      { action: 'release', site: name, reason: '漢'.repeat(200), by: 'é' },
      { sites: [www], reason: '漢'.repeat(200), by: 'é' },
    ],
  ];
  for (const [title, event, expected] of good) {
    test(title, () => {
      const { action } = event as Command;
      assert.deepEqual(readCommand(event, config), { ...DEFAULTS, action, ...expected });
    });
  }
});

/** JSON takes it, and writing it out again overflows the stack. */
const DEEP: unknown = JSON.parse('['.repeat(100_000) + ']'.repeat(100_000));

describe('anything else is refused, with what was received and what is allowed', () => {
  const hold = { action: 'hold', site: name, ...words };
  const bad: [title: string, event: unknown, ...told: string[]][] = [
    ['nothing', undefined, 'a JSON object', 'nothing'],
    ['null', null, 'a JSON object', 'null'],
    ['a text', 'status', 'a JSON object', '"status"'],
    ['a list', [{ action: 'status' }], 'a JSON object'],
    ['an empty object', {}, 'action', 'status', 'put-back', 'nothing'],
    ['an unknown action', { action: 'stop' }, '"stop"', 'hold'],
    ['an action in capitals', { action: 'Status' }, '"Status"'],
    ['an action that objects have', { action: 'constructor' }, '"constructor"'],
    ['an action that is no text', { action: ['status'] }, 'action'],
    ['an unknown key', { ...hold, sites: name }, 'hold does not take sites', 'forSeconds'],
    ['a key of another action', { ...hold, server: 'standby' }, 'hold does not take server'],
    ['an unknown site', { ...hold, site: 'www' }, '"www"', name, api.name],
    ['a site with a final dot', { ...hold, site: `${name}.` }, name],
    ['a site that is no text', { ...hold, site: 7 }, '7', name],
    ['an unknown tag', { ...hold, site: undefined, tag: 'us' }, '"us"', 'shop, eu'],
    [
      'neither site, tag nor all',
      { action: 'hold', ...words },
      'exactly one of site, tag and all',
      'none of them',
    ],
    ['a site and all', { ...hold, all: true }, 'exactly one of site, tag and all', 'site and all'],
    ['all that is not true', { action: 'hold', all: 'yes', ...words }, 'all to be true', '"yes"'],
    ['point without a server', { action: 'point', site: name, ...words }, 'server to be one of'],
    [
      'planned that is a text',
      { action: 'point', site: name, server: 'standby', planned: 'yes', ...words },
      'planned',
    ],
    ['all that is false', { action: 'hold', all: false, ...words }, 'all to be true'],
    [
      'failback of nothing in particular',
      { action: 'failback', ...words },
      'exactly one of site, tag and all',
    ],
    ['explain everything', { action: 'explain' }, 'exactly one of site, tag and all'],
    ['no reason', { ...hold, reason: undefined }, 'reason to be 1 to 200', 'nothing'],
    ['an empty reason', { ...hold, reason: '' }, 'reason'],
    ['a blank reason', { ...hold, reason: ' \u00a0' }, 'reason'],
    ['a reason of 201 characters', { ...hold, reason: 'x'.repeat(201) }, 'reason', 'received 201 characters'],
    ['a reason over two lines', { ...hold, reason: 'a\nb' }, 'reason'],
    ['a reason that turns text around', { ...hold, reason: 'a\u202eb' }, 'reason'],
    ['no one who asks', { ...hold, by: undefined }, 'by to be 1 to 200'],
    ['one who is no text', { ...hold, by: { name: 'ops' } }, 'by', '{"name":"ops"}'],
    ['status with a reason', { action: 'status', reason: 'x' }, 'status does not take reason'],
    ['no time at all', { ...hold, forSeconds: 0 }, 'forSeconds', '30 days', '0'],
    ['a negative time', { ...hold, forSeconds: -1 }, 'forSeconds', '-1'],
    ['more than 30 days', { ...hold, forSeconds: 2_592_001 }, 'forSeconds', '2592001'],
    ['a time with a fraction', { ...hold, forSeconds: 1.5 }, 'forSeconds', '1.5'],
    ['a time as a text', { ...hold, forSeconds: '3600' }, 'forSeconds', '"3600"'],
    ['a time that is null', { ...hold, forSeconds: null }, 'forSeconds', 'null'],
    [
      'force that is neither',
      { action: 'pin', site: name, server: 'standby', force: 1, ...words },
      'force',
      '1',
    ],
    ['pin to nobody', { action: 'pin', site: name, ...words }, 'server to be one of primary, standby'],
    ['pin to nobody we know', { action: 'pin', site: name, server: 'third', ...words }, '"third"', name],
    [
      'pin by tag to a server that one lacks',
      { action: 'pin', tag: 'eu', server: 'third', ...words },
      '"third"',
      name,
    ],
    ['a limit of nothing', { action: 'history', limit: 0 }, 'limit', '500'],
    ['a limit of 501', { action: 'history', limit: 501 }, 'limit', '501'],
    [
      'a moment that is none',
      { action: 'explain', site: name, at: 'yesterday' },
      'at to be a time',
      '"yesterday"',
    ],
    [
      'a day that no month has',
      { action: 'explain', site: name, at: '2026-02-31T03:14:00Z' },
      'at to be a time',
      'received "2026-02-31T03:14:00Z": there is no 2026-02-31.',
    ],
    ['a moment in words', { action: 'explain', site: name, at: 'Feb 31 2026' }, 'at to be a time'],
    ['a list that is nested 100,000 deep', DEEP, 'a JSON object', 'nested too deep'],
    ['an action nested as deep', { action: DEEP }, 'action', 'nested too deep'],
    ['a site nested as deep', { ...hold, site: DEEP }, 'site', 'nested too deep'],
    ['a reason nested as deep', { ...hold, reason: DEEP }, 'reason', 'nested too deep'],
    ['a moment nested as deep', { action: 'explain', site: name, at: DEEP }, 'at', 'nested too deep'],
    ['a moment that is a number', { action: 'explain', site: name, at: 5 }, 'at to be a time', '5'],
  ];
  for (const [title, event, ...told] of bad) {
    test(title, () => {
      const answer = readCommand(event, config);
      assert.ok('refused' in answer, JSON.stringify(answer));
      for (const part of told) assert.ok(answer.refused.includes(part), `${part} in: ${answer.refused}`);
    });
  }

  test('of an event that reads nothing nobody says that it only reads', () => {
    for (const action of Object.keys(ACTIONS))
      assert.equal(
        onlyReads({ action }),
        ['config', 'status', 'history', 'explain'].includes(action),
        action,
      );
    for (const event of [
      undefined,
      null,
      'status',
      ['status'],
      {},
      { action: ['status'] },
      { action: 'constructor' },
    ])
      assert.equal(onlyReads(event), false);
  });

  test('explain names no site where there is one alone; with several it must', () => {
    const only = readCommand({ action: 'explain' }, virtualConfig([www]));
    assert.deepEqual('sites' in only && only.sites.map((s) => s.name), [name]);
    assert.ok('refused' in readCommand({ action: 'failback', ...words }, virtualConfig([www])));
  });

  test('everything that is wrong at once', () => {
    const answer = readCommand({ action: 'pin', site: name, forSeconds: 0, extra: 1 }, config);
    assert.ok('refused' in answer);
    for (const part of ['extra', 'reason', 'by', 'server', 'forSeconds'])
      assert.ok(answer.refused.includes(part), part);
  });

  test('what was received is cut short', () => {
    const answer = readCommand({ action: 'x'.repeat(100_000) }, config);
    assert.ok('refused' in answer && answer.refused.length < 1000);
    const sites = Array.from({ length: 1000 }, (_, n) => virtualSite(`site${n}`));
    const many = readCommand({ ...hold, site: `gone.${ZONE}` }, virtualConfig(sites));
    assert.ok('refused' in many && many.refused.length < 2000);
  });
});
