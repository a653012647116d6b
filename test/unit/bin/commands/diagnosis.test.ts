import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Given } from '../../../../bin/arguments.ts';
import { askAccount, diagnosisText, dnsFor, exitOf, wayLines } from '../../../../bin/commands/diagnosis.ts';
import type { Console } from '../../../../bin/console.ts';
import { Trouble } from '../../../../bin/trouble.ts';
import { virtualConfig, virtualSite } from '../../../../fixtures/virtual/world.ts';
import type { Answer } from '../../../../lambda/console/command.ts';
import { type Diagnosis, diagnose } from '../../../../lambda/core/doctor/diagnosis.ts';
import type { Config } from '../../../../lambda/core/site/site.ts';
import { healthy, NOW_MS, SITE } from '../../lambda/core/doctor/facts.ts';

const PLAIN = { colour: false, width: Number.POSITIVE_INFINITY };
const config = virtualConfig([SITE]);

/** A console function that answers so; nobody listens where AWS would be. */
const answering = (answers: Record<string, Answer | Error>): Console => ({
  name: 'main-console',
  region: 'eu-west-2',
  aws: {
    region: 'eu-west-2',
    endpoint: 'http://127.0.0.1:9',
    credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
  },
  widget: () => Promise.reject(new Error('not asked for a widget')),
  ask: async ({ action }) => {
    const answer = answers[action];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error(`not asked for ${action}`);
    return answer;
  },
});
const examined = (deployed: Config): Record<string, Answer> => ({
  check: { ok: true, message: '', facts: healthy() },
  config: { ok: true, message: '', config: deployed },
});

describe('what is deployed', () => {
  test('is told by its console, for the sites that are asked about; who may not list zones learns of no second one', async () => {
    const account = await askAccount(answering(examined(config)), config, [SITE]);
    assert.deepEqual(
      account.sites.map(({ site }) => site),
      [SITE.name],
    );
    assert.deepEqual(account.differs, []);
    assert.equal(
      (await askAccount(answering(examined(config)), config, [virtualSite('other')])).sites.length,
      0,
    );
  });

  test('is compared with what is here', async () => {
    const other = virtualConfig([{ ...SITE, ttlSeconds: 30 }], { intervalSeconds: 20 });
    const { differs = [] } = await askAccount(answering(examined(other)), config, [SITE]);
    assert.equal(differs.length, 2);
    assert.match(differs.join(), /www\.dyn\.example\.net is changed/);
  });

  test('is said to be absent when it cannot be asked, and that is an error', async () => {
    const account = await askAccount(answering({ check: new Trouble('There is no function.') }), config, [
      SITE,
    ]);
    const diagnosis = diagnose({ zones: [], names: [], servers: [], account }, [SITE], NOW_MS);
    assert.deepEqual(
      diagnosis.findings.map(({ code, what }) => [code, what]),
      [['not-deployed', 'There is no function.']],
    );
    assert.equal(exitOf(diagnosis), 1);
    const old = await askAccount(
      answering({ check: { ok: false, message: 'Expected action to be one of …' } }),
      config,
      [SITE],
    );
    assert.match(
      old.absent ?? '',
      /main-console cannot be examined, and may be of an earlier version: Expected action/,
    );
    await assert.rejects(
      askAccount(answering({ check: new RangeError('a defect') }), config, [SITE]),
      RangeError,
    );
  });
});

const given = (dns?: string): Given => ({
  command: 'check',
  which: {},
  json: false,
  offline: false,
  ...(dns && { dns }),
});

test("DNS is asked at this machine's resolvers, where --dns says, or of the local cloud alone", () => {
  assert.equal(dnsFor(given(), config, undefined)?.port, 53);
  assert.equal(dnsFor(given(), { ...config, local: true }, undefined), undefined);
  const said = dnsFor(given('127.0.0.1:5353,::1'), config, undefined);
  assert.deepEqual(said?.resolvers, [
    { address: '127.0.0.1', port: 5353 },
    { address: '::1', port: 53 },
  ]);
  assert.equal(said?.port, 5353);
  assert.deepEqual(dnsFor(given(), { ...config, local: true }, '127.0.0.1:8053')?.only, {
    address: '127.0.0.1',
    port: 8053,
  });
  for (const text of ['dns.example', '127.0.0.1:', '9.9.9.9,'])
    assert.throws(
      () => dnsFor(given(text), config, undefined),
      /Expected --dns to be addresses of resolvers/,
    );
});

test('the exit code says how bad it is', () => {
  const of = (spoil: (facts: ReturnType<typeof healthy>) => void): Diagnosis => {
    const facts = healthy();
    spoil(facts);
    return diagnose(facts, [SITE], NOW_MS);
  };
  assert.equal(exitOf(of(() => {})), 0);
  assert.equal(exitOf(of(({ zones }) => void zones[0]?.servers[0]?.keys?.push('257 3 13 AAAA'))), 0);
  assert.equal(exitOf(of(({ account }) => void account.blind.push('eu-west-1'))), 3);
  assert.equal(exitOf(of(({ servers }) => Object.assign(servers[0] ?? {}, { standby: 'unknown' }))), 3);
  assert.equal(exitOf(of(({ account }) => void Object.assign(account, { silent: 'Silent.' }))), 1);
});

test('people read what, why and how to mend it, and the verdict last', () => {
  const facts = healthy();
  facts.account.silent = 'Silent since noon.';
  const text = diagnosisText(diagnose(facts, [SITE], NOW_MS), PLAIN);
  assert.match(
    text,
    /^error controller-silent\n {2}Silent since noon\.\n {2}Nobody watches, and nothing moves\.\n {2}Look at the log/,
  );
  assert.match(
    text,
    /\n\nwww\.dyn\.example\.net WOULD NOT FAIL OVER, because the controller decides nothing \(controller-silent\)\.$/,
  );
});

test('the way to the site has every TTL, and what it costs', () => {
  const [names] = healthy().names;
  assert.ok(names);
  assert.deepEqual(wayLines(names, SITE, PLAIN), [
    '  www.example.net CNAME www.dyn.example.net, TTL 60 min: not waited for in a failover; waited for if the zone itself must be left',
    '  www.dyn.example.net A 203.0.113.10, TTL 60 s: after a failover visitors wait up to so long, 30 s on average',
  ]);
});

test('one finding of many sites is said once, with their names', () => {
  const sites = ['a', 'b', 'c'].map((name) => virtualSite(name));
  const text = 'A failover from standby would find nothing that is able to take over: primary is down.';
  const servers = sites.map(({ name }) => ({
    ...{ site: name, standby: 'unable' as const, unable: ['primary'], text, probes: [] },
  }));
  const diagnosis = diagnose({ zones: [], names: [], servers }, sites, NOW_MS);
  assert.deepEqual(diagnosisText(diagnosis, PLAIN).split('\n').slice(0, 4), [
    'error no-standby',
    `  ${text} 3 sites: ${sites.map(({ name }) => name).join(' ')}`,
    '  If the server that serves dies now, nothing takes over.',
    '  Repair primary. "npm run switchover -- status SITE" says what each vantage saw; "npm run switchover -- probe URL --server ADDRESS" asks one server alone.',
  ]);
  const one = diagnose({ zones: [], names: [], servers: servers.slice(0, 1) }, sites.slice(0, 1), NOW_MS);
  assert.match(
    diagnosisText(one, PLAIN),
    /^ {2}a\.dyn\.example\.net: a failover from standby would find nothing/m,
  );
});
