import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../../../lib/config/index.ts';
import { config, primary, probe, problemsOf, type Refusal, site, standby, testRefusals } from './fixture.ts';

type Fields = Record<string, unknown>;
const NAME = 'www-primary.dyn.example.co.uk';
const headers = { 'x-probe-key': { secret: '/main/probe-key' } };
const dual = (fields: Fields = {}): Fields => ({ primaryName: NAME, probeHeader: 'x-probe-key', ...fields });
const withSite = (fields: Fields) =>
  config({ sites: [site({ lever: 'dual', dual: dual(), probe: probe({ headers }), ...fields })] });

const RULES: Refusal[] = [
  [{ dual: undefined }, 'sites[0].dual', /`dual` with the lever 'dual'/],
  [{ lever: 'record' }, 'sites[0].dual', /no `dual` with the lever 'record'/],
  [
    { servers: [primary(), { name: 'standby', hostname: 'lb.example.net' }] },
    'sites[0].servers[1].hostname',
    /one CNAME at most/,
  ],
  [{ probe: probe() }, 'sites[0].dual.probeHeader', /headers that the probe sends \(none\)/],
  [{ dual: dual({ probeHeader: 'no header' }) }, 'sites[0].dual.probeHeader', /name of a header/],
  [
    { probe: { url: 'tls://www.example.co.uk:443' } },
    'sites[0].probe.url',
    /http or https URL with the lever 'dual'/,
  ],
  [{ probe: probe({ headers, expectStatus: ['200-399'] }) }, 'sites[0].probe.expectStatus', /no 307/],
  [{ probe: probe({ headers, expectStatus: [200, 421] }) }, 'sites[0].probe.expectStatus', /no 421/],
  [
    { probe: probe({ headers, followRedirects: 1, redirectHosts: [NAME] }) },
    'sites[0].probe.redirectHosts',
    /led to the serving server/,
  ],
  [{ dual: dual({ primaryHost: 'www.example.co.uk' }) }, 'sites[0].dual.primaryHost', /round in circles/],
  [
    { dual: dual({ primaryName: 'www.dyn.example.co.uk' }) },
    'sites[0].dual.primaryName',
    /each record name once/,
  ],
  [
    { dual: dual({ primaryName: 'www.elsewhere.example' }) },
    'sites[0].dual.primaryName',
    /inside a configured zone/,
  ],
  [{ dual: dual({ joinAfterSeconds: -1 }) }, 'sites[0].dual.joinAfterSeconds', /from 0 to 86400/],
];
testRefusals('the lever dual', RULES, withSite);

test('the name of the primary alone is one of the names that move, and the rest is filled in', () => {
  const [found] = checkConfig(
    withSite({ extraNames: ['a.dyn.example.co.uk'], dual: dual({ probeHeader: 'X-Probe-Key' }) }),
  ).config.sites;
  assert.deepEqual(found?.names, ['www.dyn.example.co.uk', 'a.dyn.example.co.uk', NAME]);
  assert.deepEqual(found?.dual, {
    primaryName: NAME,
    primaryHost: NAME,
    probeHeader: 'x-probe-key',
    joinAfterSeconds: 300,
  });
});

test('the addresses of all servers must fit into one change', () => {
  const many = (net: string) => Array.from({ length: 150 }, (_, index) => `${net}.${index + 1}`);
  const servers = [primary({ ipv4: many('203.0.113') }), standby({ ipv4: many('198.51.100') })];
  const names = Array.from({ length: 1 }, (_, index) => `n${index}.dyn.example.co.uk`);
  const problems = problemsOf(withSite({ servers, extraNames: names }));
  assert.deepEqual(
    problems.map(({ path }) => path),
    ['sites[0].servers'],
  );
});
