import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkConfig } from '../../../../lib/config/index.ts';
import { config, primary, probe, problemsOf, type Refusal, site, standby, testRefusals } from './fixture.ts';

type Fields = Record<string, unknown>;
const withSite = (fields: Fields) => config({ sites: [site(fields)] });
const withPrimary = (fields: Fields) => withSite({ servers: [primary(fields), standby()] });
const withProbe = (fields: Fields) => withSite({ probe: probe(fields) });

const ROOTS: Refusal[] = [
  ['x', '', /an object with some of the keys deployment, local, .* received "x"/],
  [null, '', /received null/],
  [undefined, '', /received nothing/],
  [[config()], '', /received a list of 1/],
];
testRefusals('what is no configuration at all', ROOTS, (input) => input);

const DYN = { name: 'dyn.example.co.uk' };
const TOP: Refusal[] = [
  [{ deployment: undefined }, 'deployment', /received nothing/],
  [{ deployment: 'Main' }, 'deployment', /1 to 32 small letters.*received "Main"/],
  [{ deployment: '1st' }, 'deployment', /a letter first/],
  [{ deployment: 'a'.repeat(33) }, 'deployment', /1 to 32/],
  [{ local: 'true' }, 'local', /true or false, received "true"/],
  [{ homeRegion: undefined }, 'homeRegion', /such as eu-west-2, received nothing/],
  [{ homeRegion: 'London' }, 'homeRegion', /received "London"/],
  [{ vantages: undefined }, 'vantages', /a list of one or more AWS regions, received nothing/],
  [{ vantages: [] }, 'vantages', /received an empty list/],
  [{ vantages: ['eu-west-2a', 'eu-west-1', 'eu-west-3'] }, 'vantages[0]', /zone, so write eu-west-2\./],
  [{ zones: undefined }, 'zones', /a list of one or more zones, received nothing/],
  [{ zones: [] }, 'zones', /received an empty list/],
  [{ zones: ['dyn.example.co.uk'] }, 'zones[0]', /an object with some of the keys name, id/],
  [{ zones: [{ name: 'test' }] }, 'zones[0].name', /with its domain/],
  [{ zones: [{ ...DYN, id: '/hostedzone/Z1' }] }, 'zones[0].id', /without \/hostedzone\//],
  [{ zones: [{ ...DYN, id: 'z123' }] }, 'zones[0].id', /received "z123"/],
  [{ references: ['www.example.org'] }, 'references[0]', /received "www\.example\.org"/],
  [{ references: 'https://www.example.org/' }, 'references', /a list of URLs/],
  [{ resolvers: '9.9.9.9' }, 'resolvers', /a list of IP addresses/],
  [{ resolvers: ['dns.example.net'] }, 'resolvers[0]', /the IP address of a resolver/],
  [{ resolvers: ['9.9.9.9:53'] }, 'resolvers[0]', /without a port/],
  [{ resolvers: ['10.0.0.2'] }, 'resolvers[0]', /that visitors can reach/],
  [{ alerts: { emails: ['Ops <ops@example.co.uk>'] } }, 'alerts.emails[0]', /the bare address/],
  [
    { alerts: { emails: ['ops@exämple.com'] } },
    'alerts.emails[0]',
    /write its domain in ASCII: ops@xn--exmple-cua\.com/,
  ],
  [{ alerts: { emails: ['jörg@example.com'] } }, 'alerts.emails[0]', /only ASCII letters arrive there/],
  [{ alerts: { emails: ['ops@localhost'] } }, 'alerts.emails[0]', /received "ops@localhost"/],
  [{ alerts: { emails: 'ops@example.co.uk' } }, 'alerts.emails', /put brackets around it/],
  [{ intervalSeconds: 4 }, 'intervalSeconds', /from 5 to 60, received 4; .*`local: true`/],
  [{ intervalSeconds: 61 }, 'intervalSeconds', /from 5 to 60, received 61/],
  [{ intervalSeconds: 7.5 }, 'intervalSeconds', /a whole number/],
  [{ local: true, intervalSeconds: 0 }, 'intervalSeconds', /from 1 to 60, received 0/],
  [{ local: true, intervalSeconds: 4.5 }, 'intervalSeconds', /a whole number/],
  [{ defaults: 'x' }, 'defaults', /received "x"/],
  [{ sites: site() }, 'sites', /a list of sites, received an object with the keys name, servers, probe/],
  [{ sites: ['www.dyn.example.co.uk'] }, 'sites[0]', /an object/],
];
testRefusals('fields of the top level', TOP, config);

const SITES: Refusal[] = [
  [{ name: undefined }, 'sites[0].name', /received nothing/],
  [{ name: '*.dyn.example.co.uk' }, 'sites[0].name', /a wildcard stands for names/],
  [
    { extraNames: ['*.dyn.example.co.uk'] },
    'sites[0].extraNames[0]',
    /a wildcard stands for names .*, so write out each name that is meant, without the star\.$/,
  ],
  [{ name: '_switchover.www.dyn.example.co.uk' }, 'sites[0].name', /`_switchover\.NAME`/],
  [{ extraNames: ['_switchover.x.dyn.example.co.uk'] }, 'sites[0].extraNames[0]', /`_switchover\.NAME`/],
  [{ name: `${'a'.repeat(64)}.dyn.example.co.uk` }, 'sites[0].name', /64 bytes, and DNS allows 63/],
  [{ extraNames: 'dyn.example.co.uk' }, 'sites[0].extraNames', /put brackets/],
  [{ host: 'www.example.co.uk:443' }, 'sites[0].host', /leave out the port/],
  [{ tags: ['my shop'] }, 'sites[0].tags[0]', /received "my shop"/],
  [{ ttlSeconds: 9 }, 'sites[0].ttlSeconds', /from 10 to 86400, received 9; shorter ones are ignored/],
  [{ ttlSeconds: 86_401 }, 'sites[0].ttlSeconds', /received 86401/],
  [{ ttlSeconds: '60' }, 'sites[0].ttlSeconds', /received "60"; write it without quotes\./],
  [{ ttlSeconds: '60s' }, 'sites[0].ttlSeconds', /received "60s"; shorter ones/],
  [{ failuresToDown: '3' }, 'sites[0].failuresToDown', /without quotes/],
  [{ ttlSeconds: Number.NaN }, 'sites[0].ttlSeconds', /received NaN/],
  [{ lever: 'both' }, 'sites[0].lever', /Expected 'record', 'dual' or 'readdress', received "both"/],
  [
    { servers: primary() },
    'sites[0].servers',
    /a list of servers, the preferred one first, received an object/,
  ],
  [{ failuresToDown: 0 }, 'sites[0].failuresToDown', /from 1 to 20, received 0/],
  [{ successesToUp: 21 }, 'sites[0].successesToUp', /from 1 to 20, received 21/],
  [{ downForSeconds: -1 }, 'sites[0].downForSeconds', /received -1/],
  [{ confirmEverySeconds: 0 }, 'sites[0].confirmEverySeconds', /received 0/],
  [{ confirmEverySeconds: 0.5 }, 'sites[0].confirmEverySeconds', /a whole number/],
  [{ failback: 'auto' }, 'sites[0].failback', /'manual' or \{ afterSeconds: NUMBER \}, received "auto"/],
  [{ failback: {} }, 'sites[0].failback.afterSeconds', /received nothing/],
  [{ failback: { afterSeconds: -1 } }, 'sites[0].failback.afterSeconds', /from 0 to 604800, received -1/],
  [{ failback: { afterSeconds: 1, by: 'x' } }, 'sites[0].failback.by', /drop it; allowed here: afterSeconds/],
  [{ lastResort: 'Standby' }, 'sites[0].lastResort', /received "Standby"/],
];
testRefusals('fields of a site', SITES, withSite);

const SERVERS: Refusal[] = [
  [{ name: undefined }, 'sites[0].servers[0].name', /received nothing/],
  [{ name: 'web.1' }, 'sites[0].servers[0].name', /small letters, digits and hyphens/],
  [{ name: 'a'.repeat(33) }, 'sites[0].servers[0].name', /1 to 32/],
  [{ ipv4: ['203.0.113.10', '300.0.0.1'] }, 'sites[0].servers[0].ipv4[1]', /received "300\.0\.0\.1"/],
  [{ ipv4: ['2001:db8::1'] }, 'sites[0].servers[0].ipv4[0]', /belongs in `ipv6`/],
  [{ ipv4: ['10.0.0.1'] }, 'sites[0].servers[0].ipv4[0]', /a private address, .*`local: true`/],
  [{ ipv6: ['::1'] }, 'sites[0].servers[0].ipv6[0]', /loopback/],
  [{ ipv4: '203.0.113.10' }, 'sites[0].servers[0].ipv4', /put brackets around it/],
  [{ ipv4: [], hostname: '203.0.113.10' }, 'sites[0].servers[0].hostname', /this is an address/],
  [{ probeAddress: '192.168.0.1' }, 'sites[0].servers[0].probeAddress', /a private address/],
  [{ probeAddress: '::1' }, 'sites[0].servers[0].probeAddress', /loopback/],
  [{ probeAddress: 'localhost' }, 'sites[0].servers[0].probeAddress', /with its domain/],
  ...['203.0.113.10:8080', 'origin.example.net:443', 'https://origin.example.net/', '[2001:db8::1]:443'].map(
    (probeAddress): Refusal => [
      { probeAddress },
      'sites[0].servers[0].probeAddress',
      /an address or a host name, without port or scheme, received/,
    ],
  ),
];
testRefusals('fields of a server', SERVERS, withPrimary);

const pem = (text: string) => `-----BEGIN CERTIFICATE-----\n${text}\n-----END CERTIFICATE-----\n`;

const PROBES: Refusal[] = [
  [{ url: 'www.example.co.uk/healthz' }, 'sites[0].probe.url', /write scheme, host and path in full/],
  [{ url: 'https://www.example.co.uk:99999/' }, 'sites[0].probe.url', /its port must be a number/],
  [{ url: 'https://www.example.co.uk:http/' }, 'sites[0].probe.url', /its port must be a number/],
  [{ url: 'https://2001:db8::10/' }, 'sites[0].probe.url', /an IPv6 address belongs in `servers`/],
  [{ url: 'ftp://www.example.co.uk/' }, 'sites[0].probe.url', /an http or https URL/],
  [{ url: 'https://203.0.113.10/' }, 'sites[0].probe.url', /the host that visitors type/],
  [{ url: 'https://0xcb00710a/' }, 'sites[0].probe.url', /the host that visitors type/],
  [{ url: 'https://[2001:db8::1]/' }, 'sites[0].probe.url', /the host that visitors type/],
  [{ url: 'https://www.example.co.uk/#top' }, 'sites[0].probe.url', /drop #top/],
  [{ url: 'https://ops:secret@www.example.co.uk/' }, 'sites[0].probe.url', /a user name or password/],
  [{ method: 'DELETE' }, 'sites[0].probe.method', /GET, HEAD, OPTIONS and POST, received "DELETE"/],
  [{ headers: { HOST: 'x' } }, 'sites[0].probe.headers.HOST', /no Host header/],
  [{ headers: { Expect: '3' } }, 'sites[0].probe.headers.Expect', /received expect, which the HTTP client/],
  [{ headers: { 'x y': '3' } }, 'sites[0].probe.headers["x y"]', /a header name/],
  [{ headers: { x: 3 } }, 'sites[0].probe.headers.x', /received a number/],
  [{ headers: { x: 'a\r\nb: c' } }, 'sites[0].probe.headers.x', /line breaks/],
  [{ headers: { 'x-a': '1', 'X-A': '2' } }, 'sites[0].probe.headers["X-A"]', /each header once/],
  [{ headers: 'x: y' }, 'sites[0].probe.headers', /names and values, received text/],
  [{ expectStatus: [] }, 'sites[0].probe.expectStatus', /one or more HTTP statuses, received an empty/],
  [{ expectStatus: 200 }, 'sites[0].probe.expectStatus', /write \[200\]/],
  [{ expectStatus: [200, 600] }, 'sites[0].probe.expectStatus[1]', /from 100 to 599, received 600/],
  [{ expectStatus: ['2xx'] }, 'sites[0].probe.expectStatus[0]', /such as '200-299', received "2xx"/],
  [{ expectStatus: ['299-200'] }, 'sites[0].probe.expectStatus[0]', /the lower status first/],
  [{ expectStatus: ['200-600'] }, 'sites[0].probe.expectStatus[0]', /from 100 to 599/],
  [{ headers: { x: { secret: 'a b' } } }, 'sites[0].probe.headers.x', /name of an SSM parameter/],
  [{ headers: { x: { secret: '/aws/key' } } }, 'sites[0].probe.headers.x', /begins with aws or ssm/],
  [{ headers: { x: { secret: 'x/y' } } }, 'sites[0].probe.headers.x', /such as \/switchover\/probe-key/],
  [{ headers: { x: { Secret: '/a' } } }, 'sites[0].probe.headers.x', /\{ secret: '\/name\/of\/parameter' \}/],
  [{ headers: { host: { secret: '/a' } } }, 'sites[0].probe.headers.host', /no Host header/],
  [{ expectHeaders: { 'x y': true } }, 'sites[0].probe.expectHeaders["x y"]', /a header name/],
  [{ expectHeaders: { x: 3 } }, 'sites[0].probe.expectHeaders.x', /true or false, received 3/],
  [{ expectHeaders: { x: { matches: '(' } } }, 'sites[0].probe.expectHeaders.x', /does not compile/],
  [{ expectHeaders: { x: { match: 'a' } } }, 'sites[0].probe.expectHeaders.x', /matches: 'PATTERN'/],
  [{ method: 'POST', body: 'x'.repeat(4097) }, 'sites[0].probe.body', /4096 bytes, received 4097/],
  [{ bodyExcludes: '' }, 'sites[0].probe.bodyExcludes', /only a bad answer contains/],
  [{ bodyJson: { pointer: 'status', equals: 1 } }, 'sites[0].probe.bodyJson.pointer', /begin each step with/],
  [{ bodyJson: { pointer: '/~2', equals: 1 } }, 'sites[0].probe.bodyJson.pointer', /~0 for a ~/],
  [{ bodyJson: { pointer: '/a', equals: [] } }, 'sites[0].probe.bodyJson.equals', /true, false or null/],
  [{ bodyJson: { pointer: '/a' } }, 'sites[0].probe.bodyJson.equals', /received nothing/],
  [
    { bodyJson: { pointer: '', equals: 1, is: 2 } },
    'sites[0].probe.bodyJson.is',
    /allowed here: pointer, equals/,
  ],
  [{ slowIs: 'unknown', slowAfterSeconds: 1 }, 'sites[0].probe.slowIs', /'passed' or 'failed'/],
  [{ slowAfterSeconds: 0 }, 'sites[0].probe.slowAfterSeconds', /from 1 to 58, received 0/],
  [{ blockedIs: 'passed' }, 'sites[0].probe.blockedIs', /'failed' or 'unknown', received "passed"/],
  [{ followRedirects: 6 }, 'sites[0].probe.followRedirects', /from 0 to 5, received 6/],
  [{ followRedirects: true }, 'sites[0].probe.followRedirects', /from 0 to 5, received true/],
  [
    { followRedirects: 1, redirectHosts: ['https://a.example'] },
    'sites[0].probe.redirectHosts[0]',
    /leave out scheme/,
  ],
  [{ http: '2' }, 'sites[0].probe.http', /'auto', 1 or 2, received "2"/],
  [{ minTls: 1.3 }, 'sites[0].probe.minTls', /'1\.2' or '1\.3', received 1\.3; write it in quotes/],
  [{ ca: 'ca.pem' }, 'sites[0].probe.ca', /received text without any; .*\{ file: 'ca\.pem' \}/],
  [{ ca: { path: 'x' } }, 'sites[0].probe.ca', /certificates in PEM, received an object with the key path/],
  [{ ca: { file: 'no.pem' } }, 'sites[0].probe.ca', /received "no\.pem", which cannot be read/],
  [{ ca: pem('bm8=') }, 'sites[0].probe.ca', /received one that cannot be read, number 1/],
  [{ ca: `${pem('bm8=')}-----BEGIN PRIVATE KEY-----` }, 'sites[0].probe.ca', /a private key; take it out/],
  [{ ca: ' '.repeat(16_385) }, 'sites[0].probe.ca', /at most 16384 characters, received 16385/],
  [{ url: 'tcp://www.example.co.uk' }, 'sites[0].probe.url', /tcp:\/\/HOST:PORT.*; write the port/],
  [{ url: 'tls://www.example.co.uk:465/x' }, 'sites[0].probe.url', /drop what follows the port/],
  [{ url: 'tcp://203.0.113.10:25' }, 'sites[0].probe.url', /the host that visitors type/],
  [{ bodyIncludes: '' }, 'sites[0].probe.bodyIncludes', /received ""/],
  [{ bodyMatches: '(' }, 'sites[0].probe.bodyMatches', /flag u: .*Unterminated group/],
  [{ bodyMatches: '\\-' }, 'sites[0].probe.bodyMatches', /flag u: .*Invalid escape/],
  [{ timeoutSeconds: 0 }, 'sites[0].probe.timeoutSeconds', /from 1 to 59, received 0/],
  [{ timeoutSeconds: 2.5 }, 'sites[0].probe.timeoutSeconds', /a whole number/],
];
testRefusals('fields of a probe', PROBES, withProbe);

const TOP_KEYS: Refusal[] = [
  [{ intervalSecond: 10 }, 'intervalSecond', /did you mean intervalSeconds\?.*here: deployment, local, /],
  [{ defaults: { name: 'x' } }, 'defaults.name', /belongs to one site only/],
  [{ defaults: { extraNames: [] } }, 'defaults.extraNames', /belongs to one site only/],
  [{ defaults: { probe: { timeout: 3 } } }, 'defaults.probe.timeout', /did you mean timeoutSeconds\?/],
  [{ zones: [{ ...DYN, zoneId: 'Z1' }] }, 'zones[0].zoneId', /allowed here: name, id/],
  [{ zones: [{ ...DYN, no: 1 }] }, 'zones[0].no', /received "no"; drop it; allowed here: name, id/],
  [{ alerts: { emails: ['ops@example.co.uk'], sms: 1 } }, 'alerts.sms', /drop it; allowed here: emails/],
];
testRefusals('unknown keys, with those that are allowed there', TOP_KEYS, config);

const SITE_KEYS: Refusal[] = [
  [{ TTLseconds: 10 }, 'sites[0].TTLseconds', /did you mean ttlSeconds\?/],
  [{ ttl: 60 }, 'sites[0].ttl', /did you mean ttlSeconds\?/],
  [{ timeoutSeconds: 3 }, 'sites[0].timeoutSeconds', /it belongs in `probe`; allowed here: name/],
  [{ vantages: [] }, 'sites[0].vantages', /it belongs in the top level;/],
  [{ colour: 'red' }, 'sites[0].colour', /received "colour"; drop it; allowed here: name, extraNames/],
  [{ servers: [primary({ ip: 1 }), standby()] }, 'sites[0].servers[0].ip', /did you mean ipv4\?/],
];
testRefusals('unknown keys of a site', SITE_KEYS, withSite);

test('secrets are not repeated', () => {
  const inputs = [
    withProbe({ url: 'https://ops:hunter2@www.example.co.uk/' }),
    withProbe({ url: 'https//ops:hunter2@www.example.co.uk/' }),
    withProbe({ url: 'ftp://ops:hunter2@www.example.co.uk/' }),
    withProbe({ headers: { authorization: 'hunter2\n' } }),
    withProbe({ headers: ['hunter2'] }),
    withProbe({ headers: 'hunter2' }),
    withProbe({ headers: { authorization: { value: 'hunter2' } } }),
    withProbe({ ca: '-----BEGIN PRIVATE KEY-----\nhunter2' }),
  ];
  for (const input of inputs) assert.doesNotMatch(JSON.stringify(problemsOf(input)), /hunter2/);
});

test('on one machine any address, short intervals and fractions of seconds pass', () => {
  const servers = [
    primary({ ipv4: ['127.0.0.2'] }),
    standby({ ipv4: ['10.0.0.1'], ipv6: ['::1'], probeAddress: 'backup' }),
  ];
  const url = 'http://localhost:8080/';
  const times = { confirmEverySeconds: 0.5, downForSeconds: 0.5 };
  const sites = [site({ servers, probe: probe({ url, timeoutSeconds: 0.5 }), ...times })];
  const [checked] = checkConfig(config({ local: true, intervalSeconds: 1, sites })).config.sites;
  assert.equal(checked?.host, 'localhost');
  assert.equal(checked?.confirmEverySeconds, 0.5);
});
