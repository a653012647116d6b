/** The local name server as `dig` sees it. Needs dig (Debian: bind9-dnsutils); fails without it. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { startDns } from '../../local/dns.ts';
import { changeZone, createZone } from '../../local/zone.ts';
import { answer, zoneOf } from '../../local/zone-answer.ts';

const record = (label: string, type: string, ...values: string[]) => ({
  action: 'CREATE',
  record: { name: `${label}.dyn.example.com`, type, ttlSeconds: 60, values },
});

const applied = changeZone(
  createZone('dyn.example.com'),
  {
    changes: [
      record('www', 'A', '192.0.2.1'),
      record('www', 'AAAA', '2001:db8::1'),
      record('_switchover.www', 'TXT', '"v=1 epoch=42 serving=standby"', '"a" "b \\"q\\""'),
      record('blog', 'CNAME', 'www.dyn.example.com'),
      record('a.empty', 'A', '192.0.2.2'),
      record('sub', 'NS', 'ns1.example.net.'),
      record('mx', 'MX', '10 mail.example.net.'),
      record('caa', 'CAA', '0 issue "letsencrypt.org"'),
      record('_sip._tcp', 'SRV', '1 2 5060 sip.example.net.'),
      record('\\052.w', 'A', '192.0.2.3'),
      record('long', 'A', ...Array.from({ length: 100 }, (_, index) => `10.0.0.${index}`)),
    ],
  },
  { now: 0, insyncAfterMs: 0 },
);
assert.ok('zone' in applied, JSON.stringify(applied));
const { zone } = applied;
const server = await startDns({
  port: 0,
  host: '127.0.0.1',
  answer: (name, type) => {
    const found = zoneOf([zone], name);
    return found && answer(found, name, type);
  },
});
after(() => server.close());

const run = promisify(execFile);

/** What dig prints, with nothing on standard error and none of its warnings. */
const dig = async (...question: string[]): Promise<string> => {
  const { stdout, stderr } = await run('dig', [
    '@127.0.0.1',
    '-p',
    String(server.port),
    '+time=2',
    '+tries=1',
    ...question,
  ]);
  assert.equal(stderr, '', question.join(' '));
  // Any name server that does not resolve for others gets this one, Route 53's too.
  const rest = stdout.replace(';; WARNING: recursion requested but not available', '');
  assert.doesNotMatch(
    rest,
    /warning|malformed|mismatch|Got bad packet|trailing|no servers could be reached/i,
  );
  return stdout;
};

const SOA = /^dyn\.example\.com\.\s+900\s+IN\s+SOA\s+ns-/m;

/** Question, status, flags, and lines that must be there (all of them). */
const TABLE: [question: string, status: string, flags: string, lines: RegExp[]][] = [
  [
    'www.dyn.example.com A',
    'NOERROR',
    'qr aa rd',
    [/^www\.dyn\.example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.1$/m, /EDNS: version: 0, flags:; udp: 1232/],
  ],
  ['www.dyn.example.com A +noedns +norecurse', 'NOERROR', 'qr aa', [/192\.0\.2\.1$/m]],
  [
    'wWw.dYn.eXample.com AAAA',
    'NOERROR',
    'qr aa rd',
    [/^wWw\.dYn\.eXample\.com\.\s+60\s+IN\s+AAAA\s+2001:db8::1$/m],
  ],
  [
    '_switchover.www.dyn.example.com TXT',
    'NOERROR',
    'qr aa rd',
    [/TXT\s+"v=1 epoch=42 serving=standby"$/m, /TXT\s+"a" "b \\"q\\""$/m],
  ],
  [
    'blog.dyn.example.com A',
    'NOERROR',
    'qr aa rd',
    [/CNAME\s+www\.dyn\.example\.com\.$/m, /A\s+192\.0\.2\.1$/m],
  ],
  [
    'dyn.example.com SOA',
    'NOERROR',
    'qr aa rd',
    [SOA, /awsdns-hostmaster\.amazon\.com\. 1 7200 900 1209600 86400$/m],
  ],
  [
    'dyn.example.com NS',
    'NOERROR',
    'qr aa rd',
    [/ANSWER: 4/, /172800\s+IN\s+NS\s+ns-\d+\.awsdns-\d\d\.co\.uk\.$/m],
  ],
  ['nothing.dyn.example.com A', 'NXDOMAIN', 'qr aa rd', [SOA, /ANSWER: 0, AUTHORITY: 1/]],
  ['empty.dyn.example.com A', 'NOERROR', 'qr aa rd', [SOA, /ANSWER: 0, AUTHORITY: 1/]],
  ['www.dyn.example.com HTTPS', 'NOERROR', 'qr aa rd', [SOA]],
  [
    'x.sub.dyn.example.com A',
    'NOERROR',
    'qr rd',
    [/^sub\.dyn\.example\.com\.\s+60\s+IN\s+NS\s+ns1\.example\.net\.$/m],
  ],
  ['mx.dyn.example.com MX', 'NOERROR', 'qr aa rd', [/MX\s+10 mail\.example\.net\.$/m]],
  ['caa.dyn.example.com CAA', 'NOERROR', 'qr aa rd', [/CAA\s+0 issue "letsencrypt\.org"$/m]],
  ['_sip._tcp.dyn.example.com SRV', 'NOERROR', 'qr aa rd', [/SRV\s+1 2 5060 sip\.example\.net\.$/m]],
  [
    'any\\255thing.w.dyn.example.com A',
    'NOERROR',
    'qr aa rd',
    [/^any\\255thing\.w\.dyn\.example\.com\.\s+60\s+IN\s+A\s+192\.0\.2\.3$/m],
  ],
  ['www.dyn.example.com ANY +notcp', 'NOERROR', 'qr aa rd', [/HINFO\s+"RFC8482" ""$/m]],
  [
    'long.dyn.example.com A',
    'NOERROR',
    'qr aa rd',
    [/ANSWER: 100/, /\(TCP\)|;; Truncated, retrying in TCP mode/],
  ],
  ['long.dyn.example.com A +ignore', 'NOERROR', 'qr aa tc rd', [/ANSWER: 0/]],
  ['www.dyn.example.com A +tcp +keepopen', 'NOERROR', 'qr aa rd', [/192\.0\.2\.1$/m]],
  ['www.dyn.example.com A +edns=1 +noednsneg', 'BADVERS', 'qr rd', []],
  ['www.example.org A', 'REFUSED', 'qr rd', []],
  ['version.bind TXT CH', 'REFUSED', 'qr rd', []],
  ['dyn.example.com A +opcode=status +noedns', 'NOTIMP', 'qr rd', []],
];

test('dig finds nothing to complain about', async () => {
  for (const [question, status, flags, lines] of TABLE) {
    const printed = await dig(...question.split(' '));
    assert.match(printed, new RegExp(`status: ${status},`), question);
    assert.match(printed, new RegExp(`flags: ${flags};`), question);
    for (const line of lines) assert.match(printed, line, question);
  }
});

test('a transfer is refused', async () => {
  assert.match(await dig('dyn.example.com', 'AXFR'), /Transfer failed/);
});
