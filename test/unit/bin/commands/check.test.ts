import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { readArguments } from '../../../../bin/arguments.ts';
import { check, familyNote } from '../../../../bin/commands/check.ts';
import {
  asDiagnosed,
  type CheckedServer,
  type CheckedSite,
  standbyOf,
} from '../../../../bin/commands/check-servers.ts';
import type { Code } from '../../../../lambda/core/doctor/catalogue.ts';
import type { Prognosis } from '../../../../lambda/core/doctor/diagnosis.ts';
import { finding } from '../../../../lambda/core/doctor/findings.ts';
import { ConfigError } from '../../../../lib/config/index.ts';
import { site as siteAt, temporaryDirectory } from '../../lib/fixture.ts';

const directory = temporaryDirectory();
/** Nobody listens at 127.0.0.9. */
const servers: Server[] = [];
let port = 0;

before(async () => {
  for (const address of ['127.0.0.1', '127.0.0.2']) {
    const server = createServer((_request, response) => response.end('ok'));
    servers.push(server);
    await once(server.listen(port, address), 'listening');
    ({ port } = server.address() as AddressInfo);
  }
});
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

const site = (more: object = {}) => ({
  name: 'www.dyn.example.test',
  tags: ['shop'],
  servers: [
    { name: 'primary', ipv4: ['127.0.0.1'] },
    { name: 'standby', ipv4: ['127.0.0.9'] },
  ],
  probe: { url: `http://www.dyn.example.test:${port}/healthz`, timeoutSeconds: 0.9 },
  ...more,
});
const written = (...sites: object[]): string => {
  const file = join(directory, 'check.json');
  const rest = {
    deployment: 'x',
    local: true,
    homeRegion: 'eu-west-2',
    vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
    intervalSeconds: 5,
    alerts: { emails: ['ops@example.test'] },
  };
  writeFileSync(file, JSON.stringify({ ...rest, zones: [{ name: 'dyn.example.test' }], sites }));
  return file;
};
const run = (...args: string[]) => {
  const given = readArguments(['check', ...args], 0);
  assert.ok('command' in given);
  return check(given, {
    screen: { colour: false, width: Number.POSITIVE_INFINITY },
    progress: (_what, work) => work,
  });
};

describe('check', () => {
  test('asks the references as the vantages do, and names those that do not answer', async () => {
    const host = `localhost:${port}`;
    const file = written(site());
    const config = JSON.parse(readFileSync(file, 'utf8'));
    const told = async (...references: string[]) => {
      writeFileSync(file, JSON.stringify({ ...config, references }));
      return (await run('--config', file)).text;
    };
    const silent = `http://localhost:1/`;
    assert.doesNotMatch(await told(`http://${host}/`), /The reference/);
    assert.match(
      await told(silent),
      /The reference http:\/\/localhost:1\/ does not answer .*none of its references/,
    );
    assert.match(
      await told(silent, `http://${host}/`),
      /localhost:1\/ does not answer .*The others are enough/,
    );
  });

  test('says that the example is the example, and asks nobody', async () => {
    for (const flags of [[], ['--offline'], ['--json'], ['--dns', '127.0.0.1']]) {
      const given = readArguments(['check', '--config', 'switchover.config.ts', ...flags], 0);
      assert.ok('command' in given);
      const asked: unknown[] = [];
      const { ok, code, text } = await check(given, {
        screen: { colour: false, width: Number.POSITIVE_INFINITY },
        progress: (what, work) => {
          asked.push(what);
          return work;
        },
      });
      assert.deepEqual([ok, code, asked], [false, undefined, []], flags.join(' '));
      assert.match(text, /^This is still the example: edit switchover\.config\.ts\. .*Nothing was sent/);
    }
  });

  test('asks every server and says what failed, and what a failover would find', async () => {
    const { ok, text, answer } = await run('--config', written(site()));
    assert.equal(ok, false);
    assert.match(
      text,
      /check\.json is in order: 1 site, 2 servers, vantages eu-west-2, eu-west-1, eu-central-1\.\n/,
    );
    assert.match(
      text,
      /\n {2}primary {2}127\.0\.0\.1 {2}passed {2}status 200 in \d+ ms \(connect \d+, first byte \d+\)\n/,
    );
    assert.match(text, /\n {2}standby {2}127\.0\.0\.9 {2}failed {2}refused: .*ECONNREFUSED/);
    assert.match(
      text,
      /\n {2}A failover from primary would find nothing that is able to take over: standby fails\.\n/,
    );
    const [checked] = (answer as { sites: CheckedSite[] }).sites;
    assert.deepEqual(
      checked?.servers.map(({ server, outcome }) => [server, outcome]),
      [
        ['primary', 'passed'],
        ['standby', 'failed'],
      ],
    );
    assert.equal(checked?.standby, 'unable');
  });

  test('is content when all servers pass', async () => {
    const both = [
      { name: 'standby', ipv4: ['127.0.0.9'], probeAddress: '127.0.0.2' },
      { name: 'primary', ipv4: ['127.0.0.1'] },
    ];
    const { ok, text } = await run('--config', written(site({ servers: both })), '--json');
    assert.equal(ok, true, text);
    assert.match(
      text,
      /A failover from standby would find primary able to take over\.\n\nDNS was not asked.*\nEvery server passed.*WOULD FAIL OVER/s,
    );
  });

  test('leaves the servers alone when it is offline, and other sites when one is named', async () => {
    const file = written(site(), site({ name: 'b.dyn.example.test', tags: ['other'] }));
    const offline = await run('--config', file, '--offline');
    assert.equal(offline.ok, true);
    assert.doesNotMatch(offline.text, /127\.0\.0\./);
    const { text } = await run('--config', file, '--tag', 'other');
    assert.match(text, /b\.dyn\.example\.test/);
    assert.doesNotMatch(text, /^www\.dyn/m);
    await assert.rejects(
      run('--config', file, 'www.dyn.exmple.test'),
      /Did you mean www\.dyn\.example\.test\?/,
    );
    await assert.rejects(
      run('--config', file, '--tag', 'none'),
      /Expected a configured tag, received "none"\. There are shop, other\./,
    );
  });

  test('ends with 3 when there are warnings alone, with and without --offline', async () => {
    const both = [
      { name: 'primary', ipv4: ['127.0.0.1'] },
      { name: 'standby', ipv4: ['127.0.0.2'] },
    ];
    const file = written(site({ servers: both }));
    const config = JSON.parse(readFileSync(file, 'utf8'));
    const ends: [more: object, code: number][] = [
      [{}, 0],
      [{ vantages: ['eu-west-2'] }, 3],
    ];
    for (const [more, code] of ends) {
      writeFileSync(file, JSON.stringify({ ...config, ...more }));
      for (const offline of [[], ['--offline']]) {
        const { ok, code: given = ok ? 0 : 1, text } = await run('--config', file, ...offline);
        assert.equal(given, code, text);
        assert.match(text, code === 0 ? /is in order: 1 site/ : /is valid, with 1 warning: 1 site/);
      }
    }
  });

  test('says what a probe without a status came to', async () => {
    const url = `tcp://www.dyn.example.test:${port}`;
    const { text } = await run('--config', written(site({ probe: { url, timeoutSeconds: 0.9 } })));
    assert.match(text, /\n {2}primary {2}127\.0\.0\.1 {2}passed {2}a connection in \d+ ms \(connect \d+\)\n/);
  });

  test('says that secret headers are not sent from here, and of which sites', async () => {
    const url = `http://www.dyn.example.test:${port}/healthz`;
    const probe = { url, timeoutSeconds: 0.9, headers: { 'X-Key': { secret: '/shop/key' } } };
    const { text, answer } = await run(
      '--config',
      written(site({ probe }), site({ name: 'b.dyn.example.test' })),
    );
    const said =
      /The probes of 1 site were sent without their secret headers \(X-Key\), which only the controller reads/;
    assert.match(text, said);
    assert.match((answer as { warnings: string[] }).warnings.join('\n'), said);
    const other = await run('--config', written(site()));
    assert.doesNotMatch(other.text, /secret/);
    const servers = ['127.0.0.1', '127.0.0.2'].map((address, at) => ({ name: `s${at}`, ipv4: [address] }));
    const fine = await run('--config', written(site({ probe, servers })));
    assert.match(fine.text, said);
    assert.equal(fine.ok, true, fine.text);
  });

  test('tells every problem of a configuration at once', async () => {
    await assert.rejects(run('--config', written(site({ ttlSeconds: 1, failuresToDown: 0 }))), (error) => {
      assert.ok(error instanceof ConfigError);
      assert.equal(error.problems.length, 2);
      return true;
    });
  });
});

test('a family that nobody here can see is said once, and only if nobody can', () => {
  const seen = (...codes: string[]): CheckedSite[] => {
    const probes = codes.map((code, index) => {
      const address = `2001:db8::${index}`;
      const rest = { outcome: 'unknown', detail: '', phases: { totalMs: 1 } } as const;
      return { id: address, address, code, ...rest };
    });
    const four = { ...(probes[0] as (typeof probes)[0]), code: 'ok', address: '192.0.2.1' };
    const servers = [{ server: 'primary', outcome: 'passed' as const, probes: [four, ...probes] }];
    return [{ site: 'www', standby: 'able', text: '', servers }];
  };
  assert.match(familyNote(seen('no-network', 'no-network')).join('|'), /^This machine has no IPv6\.[^|]*$/);
  assert.deepEqual(familyNote(seen('no-network', 'refused')), []);
  assert.deepEqual(familyNote([{ site: 'www', standby: 'able', text: '', servers: [] }]), []);
});

describe('a failover would find', () => {
  const seen = (outcomes: Record<string, CheckedServer['outcome']>): CheckedServer[] =>
    Object.entries(outcomes).map(([server, outcome]) => ({ server, outcome, probes: [] }));
  const cases: [
    Record<string, CheckedServer['outcome']>,
    string | undefined,
    CheckedSite['standby'],
    RegExp,
  ][] = [
    [{ a: 'failed', b: 'failed', c: 'passed' }, undefined, 'able', /would find c able/],
    [
      { a: 'passed', b: 'failed', c: 'failed' },
      undefined,
      'unable',
      /nothing that is able to take over: b fails, c fails/,
    ],
    [{ a: 'passed', b: 'failed', c: 'passed' }, 'c', 'able', /nothing but the last resort, c: b fails/],
    [{ a: 'passed', b: 'passed', c: 'failed' }, 'c', 'able', /would find b able/],
    [
      { a: 'passed', b: 'failed', c: 'unknown' },
      undefined,
      'unknown',
      /b fails, c could not be asked from here/,
    ],
    [{ a: 'passed', b: 'failed', c: 'unknown' }, 'c', 'unknown', /^Nobody can tell/],
    [{ a: 'passed', b: 'failed' }, 'b', 'unable', /there is no other standby/],
  ];
  for (const [outcomes, lastResort, standby, text] of cases) {
    test(`${JSON.stringify(outcomes)}, last resort ${lastResort ?? 'none'}`, () => {
      const servers = Object.keys(outcomes).map((name) => ({ name, ipv4: [], ipv6: [] }));
      const found = standbyOf(
        siteAt('w', 'w', { servers, ...(lastResort && { lastResort }) }),
        seen(outcomes),
        { local: false },
      );
      assert.equal(found.standby, standby);
      assert.match(found.text, text);
    });
  }

  test('what it finds from the server that serves, where that is known', () => {
    const servers = ['a', 'b'].map((name) => ({ name, ipv4: [], ipv6: [] }));
    const site = siteAt('w', 'w', { servers });
    const now = seen({ a: 'failed', b: 'passed' });
    const from = (serving: string) => ({ local: false, serving });
    const { text } = standbyOf(site, now, from('b'));
    assert.match(text, /^A failover from b would find nothing .*: a fails\.$/);
    assert.equal(standbyOf(site, now, from('other')).standby, 'able');
    assert.equal(standbyOf({ ...site, lastResort: 'b' }, now, from('b')).standby, 'unable');
  });

  test('not one that Route 53 would refuse while there is another', () => {
    const servers = ['a', 'b', 'c'].map((name) => ({ name, ipv4: [], ipv6: [] }));
    const site = siteAt('w', 'w', { servers });
    const now = seen({ a: 'passed', b: 'passed', c: 'passed' });
    const found = standbyOf(site, now, { local: false, blocked: ['b'] });
    assert.equal(found.text, 'A failover from a would find c able to take over.');
  });

  test('nothing else than the diagnosis: one sentence tells what the servers can do and what comes of it', () => {
    const site = siteAt('w', 'w', { servers: ['a', 'b'].map((name) => ({ name, ipv4: [], ipv6: [] })) });
    const servers = seen({ a: 'passed', b: 'passed' });
    const blocked = ['b'];
    const one = { site: 'w', ...standbyOf(site, servers, { local: false, blocked }), servers };
    const of = (code: Code, would: Prognosis['would']) =>
      asDiagnosed(one, site, {
        findings: [finding(code, { site: 'w' }, 'what was found')],
        prognoses: [{ site: 'w', would, text: '' }],
      }).text;
    assert.equal(of('hello-refused', 'fail-over'), 'A failover from a would find b able to take over.');
    assert.equal(
      of('standby-blocked', 'not'),
      'b is well, and w would not fail over all the same: see standby-blocked.',
    );
    assert.equal(
      of('resolvers-unanswered', 'unknown'),
      'b is well; whether w would fail over is not known: see resolvers-unanswered.',
    );
  });

  test('a standby with IPv6 alone is none where probers are in Lambda, however well it answers here', () => {
    const servers = [
      { name: 'a', ipv4: ['203.0.113.10'], ipv6: [] },
      { name: 'b', ipv4: [], ipv6: ['2001:db8::1'] },
    ];
    const site = siteAt('w', 'w', { servers });
    const now = seen({ a: 'passed', b: 'passed' });
    const found = standbyOf(site, now, { local: false });
    assert.equal(found.standby, 'unable');
    assert.match(
      found.text,
      /nothing that is able .*: b can be probed by IPv6 alone, which no vantage has\.$/,
    );
    assert.equal(standbyOf(site, now, { local: true }).standby, 'able');
  });
});
