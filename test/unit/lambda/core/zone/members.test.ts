import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { Health } from '../../../../../lambda/core/site/health.ts';
import type { Site } from '../../../../../lambda/core/site/site.ts';
import { membersDue, membersListed } from '../../../../../lambda/core/zone/members.ts';
import { desiredRecords } from '../../../../../lambda/core/zone/zone-view.ts';

const PRIMARY_NAME = 'www-primary.dyn.example.net';
const NOW_MS = 1_000_000;
const JOIN_AFTER_SECONDS = 300;

const base = virtualSite('www');
const site: Site = {
  ...base,
  names: [base.name, PRIMARY_NAME],
  lever: 'dual',
  dual: {
    primaryName: PRIMARY_NAME,
    primaryHost: PRIMARY_NAME,
    probeHeader: 'x-probe',
    joinAfterSeconds: JOIN_AFTER_SECONDS,
  },
  servers: ['primary', 'standby', 'third', 'sorry'].map((name, index) => ({
    name,
    ipv4: [`192.0.2.${index + 1}`],
    ipv6: index === 1 ? ['2001:db8::2'] : [],
  })),
  lastResort: 'sorry',
};
const [primary, standby, third, sorry] = site.servers as [
  Site['servers'][0],
  Site['servers'][0],
  Site['servers'][0],
  Site['servers'][0],
];

const target = (health: Health, upForSeconds = JOIN_AFTER_SECONDS) => ({
  health,
  sinceMs: NOW_MS - upForSeconds * 1000,
});
const names = (servers: { name: string }[]): string[] => servers.map(({ name }) => name);

test('a function of who serves and of the healths, for every combination', () => {
  const healths: Health[] = ['up', 'down', 'unknown'];
  for (const serving of site.servers) {
    for (const first of healths) {
      for (const second of healths) {
        for (const third of healths) {
          for (const wasBeside of [
            [],
            [site.servers[1]],
            [site.servers[2]],
            [site.servers[1], site.servers[2]],
          ]) {
            const listed = desiredRecords(
              site,
              serving,
              wasBeside.flatMap((s) => (s && s !== serving ? [s] : [])),
            );
            const before = membersListed(site, serving.name, listed);
            const targets = {
              primary: target(first),
              standby: target(second),
              third: target(third),
              sorry: target('up'),
            };
            const beside = membersDue(site, serving.name, listed, { targets, nowMs: NOW_MS });
            for (const server of site.servers) {
              const { health } = targets[server.name as keyof typeof targets];
              const isStandby = server !== primary && server !== sorry && server !== serving;
              const expected =
                isStandby && (health === 'up' || (health === 'unknown' && before.includes(server)));
              assert.equal(beside.includes(server), expected, `${server.name} beside ${serving.name}`);
            }
            // The last never leaves: whatever is beside it, the serving server's addresses are published.
            const records = desiredRecords(site, serving, beside);
            for (const name of site.names)
              assert.ok(records.some((r) => r.name === name && r.values.includes(serving.ipv4[0] as string)));
            // The name of the primary alone holds nothing else.
            for (const record of records.filter((r) => r.name === PRIMARY_NAME))
              assert.deepEqual(record.values, record.type === 'A' ? serving.ipv4 : serving.ipv6);
          }
        }
      }
    }
  }
});

test('a standby joins once it has been up for a while, and at once where nothing is published yet', () => {
  const targets = { standby: target('up', JOIN_AFTER_SECONDS - 1), third: target('up') };
  assert.deepEqual(
    names(membersDue(site, 'primary', desiredRecords(site, primary), { targets, nowMs: NOW_MS })),
    ['third'],
  );
  assert.deepEqual(
    names(membersDue(site, 'primary', desiredRecords(site, primary, [standby]), { targets, nowMs: NOW_MS })),
    ['standby', 'third'],
  );
  assert.deepEqual(names(membersDue(site, 'primary', [], { targets, nowMs: NOW_MS })), ['standby', 'third']);
});

test('a server is listed beside another when all of its addresses are, of both families', () => {
  const listed = desiredRecords(site, primary, [standby, third]);
  assert.deepEqual(names(membersListed(site, 'primary', listed)), ['standby', 'third']);
  const v4 = listed.filter(({ type }) => type === 'A');
  assert.deepEqual(names(membersListed(site, 'primary', v4)), ['third']);
});

test('with the lever record nobody stands beside', () => {
  const alone: Site = { ...site, lever: 'record' };
  const listed = desiredRecords(site, primary, [standby]);
  assert.deepEqual(membersListed(alone, 'primary', listed), []);
  assert.deepEqual(
    membersDue(alone, 'primary', listed, { targets: { standby: target('up') }, nowMs: NOW_MS }),
    [],
  );
});
