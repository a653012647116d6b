import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import { delegated } from '../../../../lambda/dns/delegation.ts';
import { DnsFault } from '../../../../lambda/edge/dns.ts';
import type { DnsAnswer, DnsEdge, DnsRecord } from '../../../../lambda/ports.ts';

const ZONE = 'dyn.example.com';
const RESOLVER = '192.0.2.53';
const PARENT = '192.0.2.1';
const OTHER_PARENT = '192.0.2.2';

const record = (line: string): DnsRecord => {
  const [name = '', type = '', value = ''] = line.split(' ');
  return { name, type, value, ttlSeconds: 60 };
};
const answer = (
  given: Partial<Record<'answers' | 'authorities' | 'additionals', string[]>>,
  rcode = 'NOERROR',
): DnsAnswer => ({
  rcode,
  authoritative: false,
  recursionAvailable: false,
  authenticated: false,
  answers: (given.answers ?? []).map(record),
  authorities: (given.authorities ?? []).map(record),
  additionals: (given.additionals ?? []).map(record),
});

/** Answers by `server name type`, `+` where recursion is asked for; what is not there is silence. */
const edge = (known: Record<string, DnsAnswer>): DnsEdge & { asked: string[] } => {
  const asked: string[] = [];
  return {
    asked,
    resolvers: [{ address: RESOLVER, port: 53 }],
    port: 53,
    ask: async (server, question) => {
      const key = `${server.address} ${question.name} ${question.type}${question.recursion ? '+' : ''}`;
      asked.push(key);
      const found = known[key];
      if (found === undefined) throw new DnsFault('timeout', server, question, 'no answer');
      return found;
    },
  };
};

const AROUND = {
  [`${RESOLVER} example.com NS+`]: answer({
    answers: ['example.com NS ns1.host.net', 'example.com NS ns2.host.net'],
  }),
  [`${RESOLVER} ns1.host.net A+`]: answer({ answers: [`ns1.host.net A ${PARENT}`] }),
  [`${RESOLVER} ns2.host.net A+`]: answer({ answers: [`ns2.host.net A ${OTHER_PARENT}`] }),
  [`${RESOLVER} ns-2.aws.net A+`]: answer({ answers: ['ns-2.aws.net A 198.51.100.2'] }),
  [`${RESOLVER} ns-1.aws.net A+`]: answer({}),
  [`${RESOLVER} ns-1.aws.net AAAA+`]: answer({ answers: ['ns-1.aws.net AAAA 2001:db8::1'] }),
};
const REFERRAL = answer({
  authorities: [`${ZONE} NS ns-2.aws.net`, `${ZONE} NS ns-1.aws.net`, 'example.com NS ns1.host.net'],
});
const FOUND = [
  { name: 'ns-1.aws.net', server: { address: '2001:db8::1', port: 53 } },
  { name: 'ns-2.aws.net', server: { address: '198.51.100.2', port: 53 } },
];

test('the parent is asked itself, without recursion, whom it refers the world to', async () => {
  const dns = edge({ ...AROUND, [`${PARENT} ${ZONE} NS`]: REFERRAL });
  assert.deepEqual(await delegated(dns, ZONE), FOUND);
});

test('the addresses that come with a referral need not be asked for', async () => {
  const glue = {
    ...REFERRAL,
    additionals: ['ns-2.aws.net A 198.51.100.2', 'ns-1.aws.net A 198.51.100.1'].map(record),
  };
  const dns = edge({ ...AROUND, [`${PARENT} ${ZONE} NS`]: glue });
  const found = await delegated(dns, ZONE);
  assert.deepEqual(
    found.map(({ server }) => server.address),
    ['198.51.100.1', '198.51.100.2'],
  );
  assert.equal(dns.asked.filter((key) => key.includes('aws.net')).length, 0);
});

test('a parent that does not answer, or refuses, is passed over', async () => {
  const refused = answer({}, 'REFUSED');
  const firsts: Record<string, DnsAnswer>[] = [
    {},
    { [`${PARENT} ${ZONE} NS`]: refused },
    { [`${PARENT} ${ZONE} NS`]: answer({}) },
  ];
  for (const first of firsts) {
    const dns = edge({ ...AROUND, ...first, [`${OTHER_PARENT} ${ZONE} NS`]: REFERRAL });
    assert.deepEqual(await delegated(dns, ZONE), FOUND);
  }
});

test('a name that is no zone is no parent, and a server that has both zones answers for the lower', async () => {
  const zone = 'a.dyn.example.com';
  const dns = edge({
    ...AROUND,
    [`${RESOLVER} dyn.example.com NS+`]: answer({ authorities: ['example.com SOA x'] }),
    [`${PARENT} ${zone} NS`]: answer({ answers: [`${zone} NS ns-2.aws.net`] }),
  });
  assert.deepEqual(await delegated(dns, zone), [FOUND[1]]);
});

test('what cannot be found out is a fault, never an empty list', async () => {
  const cases: [Record<string, DnsAnswer>, RegExp][] = [
    [{}, /example\.com NS asked of 192\.0\.2\.53:53: no answer/],
    [{ ...AROUND, [`${RESOLVER} example.com NS+`]: answer({}, 'SERVFAIL') }, /answered with SERVFAIL/],
    [AROUND, new RegExp(`${ZONE} NS asked of`)],
    [
      {
        ...AROUND,
        [`${PARENT} ${ZONE} NS`]: answer({}),
        [`${OTHER_PARENT} ${ZONE} NS`]: answer({}, 'NXDOMAIN'),
      },
      /ns2\.host\.net, of the parent of dyn\.example\.com, delegates it to nobody/,
    ],
    [
      {
        [`${RESOLVER} example.com NS+`]: answer({}),
        [`${RESOLVER} com NS+`]: answer({}),
        [`${RESOLVER}  NS+`]: answer({}),
      },
      /no zone was found above/,
    ],
  ];
  for (const [known, message] of cases) {
    await assert.rejects(delegated(edge(known), ZONE), (error) => {
      assert.ok(error instanceof Fault);
      assert.match(error.message, message);
      return true;
    });
  }
  await assert.rejects(delegated({ ...edge({}), resolvers: [] }, ZONE), /there is no resolver to ask/);
});
