import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import {
  digestRecords,
  epochsIn,
  formatRole,
  MAX_EPOCH,
  type Mode,
  modeOfRole,
  parseRole,
  type Role,
  roleRecordName,
  sealed,
} from '../../../../../lambda/core/zone/role-record.ts';

const auto: Role = { epoch: 42, serving: 'standby', mode: 'auto', set: '1a2b3c4d', sinceSeconds: 1795341600 };
const held: Role = { ...auto, mode: 'held', untilSeconds: 1795428000 };
const pinned: Role = { ...held, mode: 'pinned', pin: 'primary' };

test('the record is written as design.md shows it', () => {
  assert.equal(formatRole(auto), '"v=1 epoch=42 serving=standby mode=auto set=1a2b3c4d since=1795341600"');
  assert.equal(
    formatRole(pinned),
    '"v=1 epoch=42 serving=standby mode=pinned pin=primary until=1795428000 set=1a2b3c4d since=1795341600"',
  );
  assert.equal(roleRecordName('www.example.co.uk'), '_switchover.www.example.co.uk');
});

describe('what is written is read back', () => {
  const roles: Role[] = [
    auto,
    held,
    pinned,
    { ...auto, epoch: 0, sinceSeconds: 0, set: '00000000' },
    { ...auto, epoch: 999_999_999_999_999, serving: 'a'.repeat(32) },
    { ...auto, serving: 'other' },
    { ...held, serving: '-' },
    { ...pinned, pin: '0' },
    { ...auto, by: 'main' },
    { ...pinned, by: `a${'-0'.repeat(15)}z` },
  ];
  for (const role of roles) {
    test(formatRole(role), () => {
      assert.deepEqual(parseRole(formatRole(role)), role);
    });
  }
});

test('who wrote it stands at the end, and the digest is what a version without it finds', () => {
  assert.equal(
    formatRole({ ...auto, by: 'main' }),
    '"v=1 epoch=42 serving=standby mode=auto set=1a2b3c4d since=1795341600 by=main"',
  );
  const { set: _, ...fields } = auto;
  assert.equal(sealed(fields, [], 'main').set, sealed(fields, []).set);
  assert.deepEqual(sealed(fields, [], 'main'), { ...sealed(fields, []), by: 'main' });
});

test('a name that no deployment can have is no name', () => {
  for (const by of ['', 'Main', '7', 'a b', 'x'.repeat(33), 'main.'])
    assert.equal(parseRole(formatRole({ ...auto, by }))?.by, undefined, by);
});

test('unknown keys are ignored, wherever they stand and whatever they hold', () => {
  assert.deepEqual(
    parseRole('"zone=eu v=1 epoch=42 serving=standby mode=auto note= set=1a2b3c4d since=1795341600 x=a=b"'),
    auto,
  );
});

describe('garbage is refused whole', () => {
  const good = 'v=1 epoch=42 serving=standby mode=auto set=1a2b3c4d since=1795341600';
  const replaced = (from: string, to: string) => `"${good.replace(from, to)}"`;
  const until = 'until=1795428000';
  const garbage: [title: string, value: string][] = [
    ['empty', ''],
    ['an empty string', '""'],
    ['no quotes', good],
    ['one quote', `"${good}`],
    ['two strings', `"${good}" "more"`],
    ['a quote inside', `"${good} a=\\"b"`],
    ['an escape', `"${good} a=\\052"`],
    ['text after it', `"${good}" `],
    ['a line break after it', `"${good}"\n`],
    ['two spaces', replaced(' epoch', '  epoch')],
    ['a space at the start', `" ${good}"`],
    ['a space at the end', `"${good} "`],
    ['a word without =', replaced('mode', 'word mode')],
    ['an empty key', replaced('mode', '=1 mode')],
    ['a key twice', `"${good} epoch=43"`],
    ['an unknown key twice', `"${good} a=1 a=1"`],
    ['no version', replaced('v=1 ', '')],
    ['another version', replaced('v=1', 'v=2')],
    ['version 1.0', replaced('v=1', 'v=1.0')],
    ['no epoch', replaced('epoch=42 ', '')],
    ['a negative epoch', replaced('epoch=42', 'epoch=-1')],
    ['an epoch with leading zeros', replaced('epoch=42', 'epoch=042')],
    ['an epoch in hexadecimal', replaced('epoch=42', 'epoch=0x2a')],
    ['an epoch in scientific notation', replaced('epoch=42', 'epoch=4e1')],
    ['an epoch that no number holds exactly', replaced('epoch=42', 'epoch=9007199254740993')],
    ['no serving', replaced('serving=standby ', '')],
    ['serving nobody', replaced('serving=standby', 'serving=')],
    ['a server in capitals', replaced('standby', 'Standby')],
    ['a server of 33 characters', replaced('standby', 's'.repeat(33))],
    ['a server with a dot', replaced('standby', 'stand.by')],
    ['no mode', replaced('mode=auto ', '')],
    ['an unknown mode', replaced('auto', 'manual')],
    ['a mode in capitals', replaced('auto', 'AUTO')],
    ['no set', replaced('set=1a2b3c4d ', '')],
    ['a set of seven digits', replaced('1a2b3c4d', '1a2b3c4')],
    ['a set of nine digits', replaced('1a2b3c4d', '1a2b3c4d5')],
    ['a set in capitals', replaced('1a2b3c4d', '1A2B3C4D')],
    ['no since', replaced(' since=1795341600', '')],
    ['since in the future of no one', replaced('since=1795341600', 'since=soon')],
    ['held without an end', replaced('auto', 'held')],
    ['pinned without an end', replaced('auto', 'pinned pin=primary')],
    ['pinned to nobody', replaced('auto', `pinned ${until}`)],
    ['pinned to an empty name', replaced('auto', `pinned pin= ${until}`)],
    ['pinned to a name in capitals', replaced('auto', `pinned pin=Primary ${until}`)],
    ['held with a pin', replaced('auto', `held pin=primary ${until}`)],
    ['auto with a pin', replaced('auto', 'auto pin=primary')],
    ['held until a word', replaced('auto', 'held until=tomorrow')],
    ['held until a negative time', replaced('auto', 'held until=-1')],
    ['held until an empty time', replaced('auto', 'held until=')],
  ];
  for (const [title, value] of garbage) {
    test(title, () => {
      assert.equal(parseRole(value), undefined, value);
    });
  }
});

describe('the mode at a moment: a past until reads as auto', () => {
  const untilMs = 1_795_428_000_000;
  const modes: [title: string, role: Role, nowMs: number, mode: Mode][] = [
    ['auto', auto, untilMs, { mode: 'auto' }],
    ['held', held, untilMs - 1, { mode: 'held', untilMs }],
    ['held, at its end', held, untilMs, { mode: 'auto' }],
    ['held, long past', held, untilMs + 86_400_000, { mode: 'auto' }],
    ['pinned', pinned, untilMs - 1, { mode: 'pinned', pin: 'primary', untilMs }],
    ['pinned, at its end', pinned, untilMs, { mode: 'auto' }],
    ['auto, whatever its until says', { ...auto, untilSeconds: 1795428000 }, 0, { mode: 'auto' }],
  ];
  for (const [title, role, nowMs, mode] of modes) {
    test(title, () => {
      assert.deepEqual(modeOfRole(role, nowMs), mode);
    });
  }
});

describe('the digest of the records', () => {
  const a: RecordSet = {
    name: 'www.example.net',
    type: 'A',
    ttlSeconds: 60,
    values: ['192.0.2.1', '192.0.2.2'],
  };
  const aaaa: RecordSet = { name: 'www.example.net', type: 'AAAA', ttlSeconds: 60, values: ['2001:db8::1'] };
  const digest = digestRecords([a, aaaa]);

  test('is eight hexadecimal digits, also of nothing', () => {
    assert.match(digest, /^[0-9a-f]{8}$/);
    assert.match(digestRecords([]), /^[0-9a-f]{8}$/);
  });

  test('does not depend on the order of records or values', () => {
    assert.equal(digestRecords([aaaa, { ...a, values: ['192.0.2.2', '192.0.2.1'] }]), digest);
  });

  const changes: [title: string, records: RecordSet[]][] = [
    ['a value', [{ ...a, values: ['192.0.2.1', '192.0.2.3'] }, aaaa]],
    ['a value less', [{ ...a, values: ['192.0.2.1'] }, aaaa]],
    ['the TTL', [{ ...a, ttlSeconds: 61 }, aaaa]],
    ['the type', [{ ...a, type: 'CNAME' }, aaaa]],
    ['the name', [{ ...a, name: 'shop.example.net' }, aaaa]],
    ['the routing', [{ ...a, routing: 'weighted' }, aaaa]],
    ['a record less', [a]],
    ['a record more', [a, aaaa, { ...a, name: 'shop.example.net' }]],
    ['the same record twice', [a, a, aaaa]],
    ['nothing left', []],
  ];
  for (const [title, records] of changes) {
    test(`differs with ${title}`, () => {
      assert.notEqual(digestRecords(records), digest);
    });
  }
});

const serverName = fc.stringMatching(/^[a-z0-9-]{1,32}$/);
const seconds = fc.nat({ max: MAX_EPOCH });
const anyRole: fc.Arbitrary<Role> = fc
  .record({
    epoch: seconds,
    serving: serverName,
    set: fc.stringMatching(/^[0-9a-f]{8}$/),
    sinceSeconds: seconds,
    how: fc.oneof(
      fc.record({ mode: fc.constant('auto' as const) }),
      fc.record({ mode: fc.constant('held' as const), untilSeconds: seconds }),
      fc.record({ mode: fc.constant('pinned' as const), untilSeconds: seconds, pin: serverName }),
    ),
    by: fc.option(fc.stringMatching(/^[a-z][a-z0-9-]{0,31}$/), { nil: undefined }),
  })
  .map(({ how, by, ...role }) => ({ ...role, ...how, ...(by !== undefined && { by }) }));

test('whatever a role is, it is read as it was written, and with keys that a later version adds', () => {
  fc.assert(
    fc.property(anyRole, fc.stringMatching(/^[a-z]{6,9}=[a-z0-9]{0,9}$/), (role, added) => {
      const written = formatRole(role);
      assert.deepEqual(parseRole(written), role);
      assert.deepEqual(parseRole(`${written.slice(0, -1)} ${added}"`), role);
      assert.deepEqual(epochsIn([written]), [role.epoch]);
    }),
  );
});

test('a role that was cut or has a letter changed is read as another or as none, and never throws', () => {
  fc.assert(
    fc.property(anyRole, fc.nat(400), fc.string({ maxLength: 2 }), (role, at, letters) => {
      const written = formatRole(role);
      const from = at % written.length;
      const read = parseRole(`${written.slice(0, from)}${letters}${written.slice(from + 1)}`);
      if (read !== undefined) assert.deepEqual(parseRole(formatRole(read)), read);
    }),
  );
});
