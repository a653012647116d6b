import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asVantagesSee, probesOf } from '../../../../bin/commands/check-vantages.ts';
import { serverFindings } from '../../../../lambda/core/doctor/servers.ts';
import type { Outcome } from '../../../../lambda/core/probe/request.ts';
import type { Health } from '../../../../lambda/core/site/health.ts';
import { healthy, NOW_MS, SITE } from '../../lambda/core/doctor/facts.ts';

/** What `check` makes of looks from here at primary and standby, beside what the vantages count them as. */
const checked = (here: [Outcome, Outcome], healths: Record<string, Health>, silent?: string) => {
  const names = ['primary', 'standby'];
  const servers = here.map((outcome, at) => {
    const server = names[at] ?? '';
    const seen =
      outcome === 'passed' ? { code: 'ok', detail: '' } : { code: 'connect-refused', detail: 'refused' };
    const probe = {
      id: server,
      address: '127.0.0.1',
      outcome,
      ...seen,
      phases: { totalMs: 1 },
      atMs: NOW_MS,
    };
    return { server, outcome, probes: [probe as never] };
  });
  const { account } = healthy();
  const [told] = account.sites;
  assert.ok(told);
  const sites = [{ ...told, serving: 'primary', healths }];
  const probed = [{ site: SITE.name, standby: 'able' as const, text: '', servers }];
  return asVantagesSee(SITE, false, probed, { account: { ...account, sites, ...(silent && { silent }) } });
};
const findingsOf = (site: ReturnType<typeof checked>) =>
  serverFindings(SITE, { ...site, probes: probesOf(site.servers) }, NOW_MS);

describe('where vantages and the look from here agree, nothing is said of either', () => {
  test('all well', () => {
    const site = checked(['passed', 'passed'], { primary: 'up', standby: 'up' });
    assert.equal(site.text, 'A failover from primary would find standby able to take over.');
    assert.deepEqual(
      site.servers.flatMap(({ differs }) => differs ?? []),
      [],
    );
    assert.deepEqual(findingsOf(site), []);
  });
});

describe('where they differ, one answer is given, and the other look is told as one', () => {
  test('a standby that was revived just now', () => {
    const site = checked(['passed', 'passed'], { primary: 'up', standby: 'down' });
    assert.equal(
      site.text,
      'A failover from primary would find nothing that is able to take over: standby is down for the vantages.',
    );
    const [remark, ...others] = site.servers.flatMap(({ differs }) => differs ?? []);
    assert.deepEqual(others, []);
    assert.match(
      remark ?? '',
      /^The vantages count standby as down, and it passes from here: .* once 3 of their looks in a row have passed\./,
    );
    assert.deepEqual(
      findingsOf(site).map(({ code }) => code),
      ['no-standby'],
    );
  });

  test('a standby that failed just now', () => {
    const site = checked(['passed', 'failed'], { primary: 'up', standby: 'up' });
    assert.equal(site.standby, 'able');
    const remarks = site.servers.flatMap(({ differs }) => differs ?? []);
    assert.match(
      remarks.join(),
      /^The vantages count standby as up, and it fails from here: [^,]*, or they reach/,
    );
    const [found] = findingsOf(site);
    assert.match(
      found?.what ?? '',
      /^standby .* fails: connect-refused, refused; that is from here, and the vantages count it as up\.$/,
    );
  });

  test('a controller that is silent says nothing of now', () => {
    const site = checked(['passed', 'passed'], { primary: 'up', standby: 'down' }, 'Silent.');
    assert.equal(site.standby, 'able');
    assert.deepEqual(
      site.servers.flatMap(({ differs }) => differs ?? []),
      [],
    );
  });
});
