import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import {
  type Answered,
  agrees,
  type Question,
  roleQuestion,
  setQuestions,
  toldOf,
} from '../../../../../lambda/core/zone/dns-compare.ts';
import type { RecordSet } from '../../../../../lambda/core/zone/records.ts';
import { formatRole, type Role, roleRecordName } from '../../../../../lambda/core/zone/role-record.ts';

const site = virtualSite('www');
const { name } = site;
const role: Role = { epoch: 2, serving: 'standby', mode: 'auto', set: '00000000', sinceSeconds: 1 };
const set = (type: string, values: string[], more: Partial<RecordSet> = {}): RecordSet => ({
  name,
  type,
  ttlSeconds: 60,
  values,
  ...more,
});
const ours = (...records: RecordSet[]) => ({
  kind: 'ours' as const,
  role,
  records,
  roleRecord: { name: roleRecordName(name), type: 'TXT', ttlSeconds: 10, values: [formatRole(role)] },
});
const answered = (type: string, values: string[], more: Partial<Answered> = {}): Answered => ({
  rcode: 'NOERROR',
  authoritative: true,
  answers: values.map((value) => ({ name, type, value })),
  ...more,
});

const A: Question = { name, type: 'A' };
const AAAA: Question = { name, type: 'AAAA' };
const both = ours(set('A', ['192.0.2.1', '192.0.2.2']), set('AAAA', ['2001:db8::1']));
const cname = ours(set('CNAME', ['Lb.Example.com.']));

test('a site is asked for by its role record and by each name in both families', () => {
  assert.deepEqual(roleQuestion(site), { name: `_switchover.${name}`, type: 'TXT' });
  assert.deepEqual(setQuestions(both), [A, AAAA]);
  assert.deepEqual(setQuestions(cname), [A, AAAA]);
  assert.deepEqual(
    setQuestions(
      ours(set('A', [], { alias: { name: 'd1.cloudfront.net', zoneId: 'Z2', evaluateTargetHealth: false } })),
    ),
    [],
  );
});

const CASES: [Question, ReturnType<typeof ours>, Answered, 'agrees' | 'differs' | 'unknown', string][] = [
  [A, both, answered('A', ['192.0.2.2', '192.0.2.1']), 'agrees', '192.0.2.2, 192.0.2.1'],
  [A, both, answered('A', ['192.0.2.1']), 'differs', '192.0.2.1'],
  [A, both, answered('A', []), 'differs', 'no A record'],
  [A, both, answered('A', [], { rcode: 'NXDOMAIN' }), 'differs', 'no A record'],
  [AAAA, both, answered('AAAA', ['2001:db8:0:0::1']), 'agrees', '2001:db8:0:0::1'],
  // An address of a family that was not written is as wrong as a wrong one.
  [AAAA, ours(set('A', ['192.0.2.1'])), answered('AAAA', ['2001:db8::1']), 'differs', '2001:db8::1'],
  [AAAA, ours(set('A', ['192.0.2.1'])), answered('AAAA', []), 'agrees', 'no AAAA record'],
  // What the alias leads to is another name's answer.
  [
    A,
    cname,
    {
      ...answered('CNAME', ['lb.example.com']),
      answers: [
        { name, type: 'CNAME', value: 'lb.example.com' },
        { name: 'lb.example.com', type: 'A', value: '192.0.2.1' },
      ],
    },
    'agrees',
    'lb.example.com',
  ],
  [A, cname, answered('A', ['192.0.2.1']), 'differs', '192.0.2.1'],
  // Whoever does not speak for the zone says nothing of it.
  [
    A,
    both,
    answered('A', ['192.0.2.9'], { authoritative: false }),
    'unknown',
    'an answer that is not its own',
  ],
  [A, both, answered('A', [], { rcode: 'REFUSED', authoritative: false }), 'unknown', 'REFUSED'],
  [A, both, answered('A', [], { rcode: 'SERVFAIL' }), 'unknown', 'SERVFAIL'],
];

test('what a name server answers is compared with what the zone lists', () => {
  for (const [question, view, answer, word, said] of CASES) {
    assert.equal(agrees(question, answer, view), word, `${question.type} ${said}`);
    assert.equal(toldOf(question, answer), said);
  }
});

test('a role record agrees to the letter, and another is told by what it says', () => {
  const question = roleQuestion(site);
  const txt = (value: string) => ({
    ...answered('TXT', []),
    answers: [{ name: question.name, type: 'TXT', value }],
  });
  assert.equal(agrees(question, txt(formatRole(role)), both), 'agrees');
  const old = txt(formatRole({ ...role, epoch: 1, serving: 'primary' }));
  assert.equal(agrees(question, old, both), 'differs');
  assert.equal(toldOf(question, old), 'primary (epoch 1)');
  assert.equal(toldOf(question, txt('"hello"')), '"hello"');
});
