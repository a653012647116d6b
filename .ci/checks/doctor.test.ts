/**
 * The doctor against faults that are really there: BIND as root and parent, resolvers that iterate, the local cloud as Route 53 and
 * account, servers with certificates. Each fault is planted, looked for, and taken away again; on the healthy set-up before,
 * between and after, the doctor finds nothing. Needs named and unbound (Debian: bind9, unbound).
 */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import {
  ChangeResourceRecordSetsCommand,
  type ResourceRecordSet,
  Route53Client,
} from '@aws-sdk/client-route-53';
import { bootSwitchover, type Line, type Running, startSwitchover, unnoted } from '../../bench/switchover.ts';
import { readRunning } from '../../local/running.ts';
import { createZone } from '../../local/zone.ts';
import { type Lab, OLD, PARENT, PORT, SIGNED, SILENT, STUBBORN, startLab, UNBOUND } from './dns-lab.ts';

const ZONE = 'dyn.site.test';
const SITE = `www.${ZONE}`;
const HOST = 'www.site.test';
const SERVERS = createZone(ZONE).nameServers;
const RELAYS = SERVERS.map((_, index) => `127.0.0.${21 + index}`);
const EMAIL = 'ops@site.test';

const certificates = fileURLToPath(new URL('../../fixtures/certificates/', import.meta.url));
const pem = (name: string) => readFileSync(join(certificates, name), 'utf8');
const KEY = pem('test-only.key');

let root: string;
let lab: Lab;
let cloud: Running;
let ready: Line;
let standby: Server;
let port: number;
let route53: Route53Client;
let ds: string[];
const servers: Server[] = [];

/** The parent zone in order, and where the name servers are. */
const delegation = (names: readonly string[] = SERVERS, ttl = 3600) =>
  names.map((name) => `dyn ${ttl} NS ${name}.`).join('\n');
const parent = ({
  host = `www 3600 CNAME ${SITE}.`,
  zone = delegation(),
}: {
  host?: string;
  zone?: string;
} = {}) => `${host}\n${zone}`;
const places = (changed: Record<number, string> = {}) =>
  SERVERS.map((name, index) => `${name}. A ${changed[index] ?? RELAYS[index]}`).join('\n');

/** A web server behind TLS that answers as it should. */
const serve = async (address: string, at: number): Promise<Server> => {
  const server = createServer({ cert: pem('site.pem'), key: KEY }, (_, response) => response.end('ok'));
  servers.push(server);
  await once(server.listen(at, address), 'listening');
  return server;
};

const configuration = (more: object = {}) => ({
  deployment: 'doctor',
  local: true,
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [{ name: ZONE }],
  alerts: { emails: [EMAIL] },
  intervalSeconds: 5,
  sites: [
    {
      name: SITE,
      host: HOST,
      ttlSeconds: 60,
      servers: [
        { name: 'primary', ipv4: ['127.0.0.2'] },
        { name: 'standby', ipv4: ['127.0.0.3'] },
      ],
      probe: { url: `https://${HOST}:${port}/`, timeoutSeconds: 2 },
      failuresToDown: 2,
      successesToUp: 2,
      downForSeconds: 1,
      confirmEverySeconds: 1,
      ...more,
    },
  ],
});

type Report = {
  ok: boolean;
  findings: { code: string; what: string }[];
  prognoses: { text: string }[];
  code: number | null;
};

const run = async (...args: string[]): Promise<{ out: string; code: number | null }> => {
  const child = spawn(process.execPath, ['bin/switchover.ts', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_EXTRA_CA_CERTS: join(certificates, 'authority.pem') },
  });
  let out = '';
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { out, code };
};

/** What the doctor says now, of everything at once. */
const look = async (...more: string[]): Promise<Report> => {
  const where = more.includes('--config') ? [] : ['--local', join(root, 'state')];
  const dns = more.includes('--dns') ? [] : ['--dns', `${UNBOUND}:${PORT}`];
  const { out, code } = await run('check', ...where, ...dns, ...more, '--json');
  return { ...(JSON.parse(out.trim().split('\n').at(-1) ?? '') as Report), code };
};
const codesOf = ({ findings }: Report): string[] => [...new Set(findings.map(({ code }) => code))].sort();

/** Until the doctor says what is wanted: resolvers, controllers and vantages need seconds for what was changed. */
const until = async (wanted: (report: Report) => boolean, ...more: string[]): Promise<Report> => {
  let report = await look(...more);
  for (let tries = 0; tries < 30 && !wanted(report); tries += 1) {
    await sleep(1000);
    report = await look(...more);
  }
  return report;
};
const isHealthy = ({ findings }: Report): boolean => findings.length === 0;
const shows =
  ({ finds, stops = false }: Pick<Case, 'finds' | 'stops'>) =>
  (report: Report): boolean =>
    finds.every((code) => codesOf(report).includes(code)) &&
    /WOULD NOT/.test(report.prognoses[0]?.text ?? '') === stops;

const write = async (action: 'UPSERT' | 'CREATE' | 'DELETE', record: ResourceRecordSet): Promise<void> => {
  const zones = ready.zones as Record<string, string>;
  await route53.send(
    new ChangeResourceRecordSetsCommand({
      HostedZoneId: zones[ZONE],
      ChangeBatch: { Changes: [{ Action: action, ResourceRecordSet: record }] },
    }),
  );
  await sleep(1200);
};

const fault = async (body?: object): Promise<void> => {
  const { secretAccessKey } = ready.operator as { secretAccessKey: string };
  const headers = { authorization: `Bearer ${secretAccessKey}` };
  const what = body === undefined ? { method: 'DELETE' } : { method: 'POST', body: JSON.stringify(body) };
  const answer = await fetch(`${ready.aws}/_local/faults`, { ...what, headers });
  assert.equal(answer.ok, true, await answer.text());
};
const deny = (service: string, operation: string, caller = 'doctor-console') =>
  fault({ service, operation, function: caller, fault: 'deny' });

const subscriptions = (states: object) =>
  writeFileSync(join(root, 'state', 'subscriptions.json'), JSON.stringify(states));

/** What the cloud that runs now tells of itself in its state directory. */
const running = async (): Promise<object> => {
  for (let tries = 0; tries < 300; tries += 1) {
    const found = readRunning(join(root, 'state'));
    if (found !== undefined && found.pid === cloud.child.pid) return found;
    await sleep(100);
  }
  throw new Error('Expected the local cloud to say where it is.');
};

const boot = async (start: () => Running, isScheduled = true): Promise<void> => {
  cloud = start();
  // Ready means that rounds are made, which a cloud without a schedule never is: its file says where it is a little earlier.
  ready = isScheduled
    ? await cloud.line((line) => line.event === 'ready', 60_000)
    : { ...ready, ...(await running()) };
  const { accessKeyId, secretAccessKey } = ready.operator as { accessKeyId: string; secretAccessKey: string };
  route53 = new Route53Client({
    region: 'us-east-1',
    endpoint: String(ready.aws),
    credentials: { accessKeyId, secretAccessKey },
  });
  const dnsPort = Number(String(ready.dns).split(':')[1]);
  for (const address of RELAYS) await lab.relay(address, dnsPort);
};

/** Boots again on the same state after its files were changed; `change` also gets the directory of the assembly. */
const rebooted = async (change: () => void, isScheduled = true): Promise<void> => {
  await cloud.stop();
  change();
  await boot(
    () => bootSwitchover(root, ['--assembly', join(root, 'state', 'assembly')], unnoted()),
    isScheduled,
  );
};
const editFile = (file: string, edit: (text: string) => string): (() => void) => {
  const path = join(root, 'state', file);
  const text = readFileSync(path, 'utf8');
  const edited = edit(text);
  assert.notEqual(edited, text, `Nothing was edited in ${file}.`);
  writeFileSync(path, edited);
  return () => writeFileSync(path, text);
};
const CONTROL = join('assembly', 'doctor-control.template.json');

const CLEAN = async () => lab.publish(parent(), places());

/** A fault: what is done, what must be found, whether a failover is then expected to fail, and how it is undone. */
type Case = {
  name: string;
  plant: () => unknown;
  finds: string[];
  stops?: boolean;
  undo?: () => unknown;
  args?: () => string[];
};

const dns = (
  name: string,
  finds: string[],
  parentZone: string,
  addresses = places(),
  stops?: true,
): Case => ({
  name,
  plant: () => lab.publish(parentZone, addresses),
  finds,
  ...(stops && { stops }),
  undo: CLEAN,
});

const A = (values: string[], ttl = 60): ResourceRecordSet => ({
  Name: SITE,
  Type: 'A',
  TTL: ttl,
  ResourceRecords: values.map((Value) => ({ Value })),
});

/** The zone as BIND serves it from SIGNED. */
const copy = (address: string) => `$TTL 60
@ 86400 SOA ${SERVERS[0]}. h.root. 1 3600 900 604800 86400
${SERVERS.map((name) => `@ 3600 NS ${name}.`).join('\n')}
www 60 A ${address}
`;
const all = (address: string) => Object.fromEntries(SERVERS.map((_, index) => [index, address]));
const dsRecord = (record: string) => `dyn ${record}`;
const STRANGE_DS = 'DS 12345 13 2 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

const CASES: Case[] = [
  dns('the parent delegates the zone to nobody', ['not-delegated'], parent({ zone: '' }), places(), true),
  dns(
    'the parent delegates to an old provider',
    ['delegated-elsewhere', 'server-lame'],
    parent({ zone: delegation(['ns-old.dns.test']) }),
    `${places()}\nns-old.dns.test. A ${PARENT}`,
    true,
  ),
  dns(
    'a name server is missing in the parent',
    ['delegation-differs'],
    parent({ zone: delegation(SERVERS.slice(1)) }),
  ),
  dns(
    'the parent names a server without an address',
    ['delegation-differs', 'server-without-address'],
    parent({ zone: delegation([...SERVERS, 'ns-gone.dns.test']) }),
  ),
  dns('a name server is dead', ['server-silent'], parent(), places({ 0: SILENT })),
  dns('a name server does not have the zone', ['server-lame'], parent(), places({ 1: PARENT })),
  {
    name: 'all name servers are dead',
    plant: async () => {
      for (const address of RELAYS) await lab.relay(address);
    },
    finds: ['no-server-answers', 'nobody-resolves'],
    stops: true,
    undo: async () => {
      for (const address of RELAYS) await lab.relay(address, Number(String(ready.dns).split(':')[1]));
    },
  },
  dns(
    'a DS record for a zone that is not signed',
    ['ds-without-dnssec'],
    parent({ zone: `${delegation()}\n${dsRecord(STRANGE_DS)}` }),
    places(),
    true,
  ),
  dns(
    'the NS records of the parent live for a minute',
    ['delegation-ttl-short'],
    parent({ zone: delegation(SERVERS, 60) }),
  ),
  dns(
    'the NS records of the parent live for a week',
    ['delegation-ttl-long'],
    parent({ zone: delegation(SERVERS, 604_800) }),
  ),
  dns(
    "the parent's name servers disagree",
    ['parents-disagree'],
    `${parent()}\n@ NS b.root.`,
    `${places()}\nb.root. A ${OLD}`,
  ),
  dns(
    "one of the parent's name servers is dead",
    ['parent-server-silent'],
    `${parent()}\n@ NS c.root.`,
    `${places()}\nc.root. A ${SILENT}`,
  ),
  {
    name: 'the parent has glue that the name server does not have',
    plant: async () => {
      await write('CREATE', {
        Name: `ns.${ZONE}`,
        Type: 'A',
        TTL: 60,
        ResourceRecords: [{ Value: RELAYS[1] }],
      });
      await lab.publish(
        `${parent({ zone: delegation([...SERVERS, `ns.${ZONE}`]) })}\nns.dyn A ${RELAYS[0]}`,
        places(),
      );
    },
    finds: ['glue-differs'],
    undo: async () => {
      await write('DELETE', {
        Name: `ns.${ZONE}`,
        Type: 'A',
        TTL: 60,
        ResourceRecords: [{ Value: RELAYS[1] }],
      });
      await CLEAN();
    },
  },
  {
    name: 'a DS record of another key',
    plant: () =>
      lab.publish(parent({ zone: `${delegation()}\n${dsRecord(STRANGE_DS)}` }), places(all(SIGNED))),
    finds: ['ds-mismatch'],
    stops: true,
    undo: CLEAN,
  },
  dns('a zone with keys and without a DS record', ['dnssec-without-ds'], parent(), places(all(SIGNED))),
  dns('a zone that keeps "no such name" for a day', ['negative-ttl-long'], parent(), places({ 2: SIGNED })),
  dns('name servers that answer differently', ['servers-disagree'], parent(), places({ 3: SIGNED })),
  dns('the host is gone', ['host-missing'], parent({ host: '' }), places(), true),
  dns('the host leads elsewhere', ['host-elsewhere'], parent({ host: 'www A 127.0.0.77' }), places(), true),
  dns('the host has a copy of the address', ['host-copied'], parent({ host: 'www A 127.0.0.2' })),
  dns(
    'the chain is a circle',
    ['chain-loop'],
    parent({ host: 'www CNAME www2\nwww2 CNAME www' }),
    places(),
    true,
  ),
  dns(
    'the chain is long',
    ['chain-long'],
    parent({ host: `www CNAME a1\na1 CNAME a2\na2 CNAME a3\na3 CNAME a4\na4 CNAME ${SITE}.` }),
  ),
  dns(
    'the CNAME of the host lives for a week',
    ['chain-ttl-long'],
    parent({ host: `www 604800 CNAME ${SITE}.` }),
  ),
  {
    name: 'one of two resolvers is dead',
    plant: () => {},
    finds: ['resolver-fails'],
    args: () => ['--dns', `${UNBOUND}:${PORT},${SILENT}:${PORT}`],
  },
  {
    name: 'a resolver with an answer of its own',
    plant: () => {},
    finds: ['resolver-elsewhere'],
    args: () => ['--dns', `${UNBOUND}:${PORT},${STUBBORN}:${PORT}`],
  },
  {
    name: 'somebody edited the TTL of the record',
    plant: () => write('UPSERT', A(['127.0.0.2'], 7200)),
    finds: ['edited-by-hand', 'record-ttl-differs'],
    stops: true,
    undo: () => write('UPSERT', A(['127.0.0.2'])),
  },
  {
    name: 'somebody put another address into the record',
    plant: () => write('UPSERT', A(['127.0.0.88'])),
    finds: ['edited-by-hand', 'resolver-elsewhere'],
    stops: true,
    undo: () => write('UPSERT', A(['127.0.0.2'])),
  },
  {
    name: 'the standby is dead',
    plant: async () => {
      standby.closeAllConnections();
      standby.close();
    },
    finds: ['no-standby', 'server-fails'],
    stops: true,
    undo: async () => {
      standby = await serve('127.0.0.3', port);
    },
  },
  ...(['other-host', 'expired', 'self-signed'] as const).map(
    (certificate): Case => ({
      name: `the standby's certificate: ${certificate}`,
      plant: () => standby.setSecureContext({ cert: pem(`${certificate}.pem`), key: KEY }),
      finds: [
        {
          'other-host': 'certificate-name',
          expired: 'certificate-expired',
          'self-signed': 'certificate-untrusted',
        }[certificate],
        'no-standby',
      ],
      stops: true,
      undo: () => standby.setSecureContext({ cert: pem('site.pem'), key: KEY }),
    }),
  ),
  {
    name: 'an address did not confirm its subscription',
    plant: () => subscriptions({ [EMAIL]: 'pending' }),
    finds: ['nobody-is-told', 'subscription-pending'],
    undo: () => subscriptions({}),
  },
  {
    name: 'an address unsubscribed',
    plant: () => subscriptions({ [EMAIL]: 'gone' }),
    finds: ['nobody-is-told', 'subscription-gone'],
    undo: () => subscriptions({}),
  },
  {
    name: 'a person holds the site',
    plant: () => run('hold', SITE, '--reason', 'test', '--by', 'ci', '--local', join(root, 'state')),
    finds: ['held'],
    stops: true,
    undo: () => run('release', SITE, '--reason', 'test', '--by', 'ci', '--local', join(root, 'state')),
  },
  {
    name: 'a person pinned the site',
    plant: () =>
      run(
        'pin',
        SITE,
        '--server',
        'primary',
        '--reason',
        'test',
        '--by',
        'ci',
        '--local',
        join(root, 'state'),
      ),
    finds: ['pinned'],
    stops: true,
    undo: () => run('release', SITE, '--reason', 'test', '--by', 'ci', '--local', join(root, 'state')),
  },
  ...(
    [
      ['route53', 'GetHostedZone', 'zone-unread', true],
      ['sns', 'ListSubscriptionsByTopic', 'subscriptions-unread', false],
      ['dynamodb', 'BatchGetItem', 'state-away', false],
    ] as const
  ).map(
    ([service, operation, finds, stops]): Case => ({
      name: `${service} refuses ${operation}`,
      plant: () => deny(service, operation),
      finds: [finds],
      ...(stops && { stops: true as const }),
      undo: () => fault(),
    }),
  ),
  {
    name: 'a vantage cannot look',
    plant: () =>
      fault({
        service: 'lambda',
        operation: 'Invoke',
        region: 'eu-west-1',
        function: 'doctor-controller',
        fault: 'deny',
      }),
    finds: ['vantage-blind'],
    undo: () => fault(),
  },
  {
    name: 'the configuration says too much and too little',
    plant: () => {
      const other = [
        { name: 'primary', ipv4: ['127.0.0.2'], ipv6: ['::1'] },
        { name: 'standby', ipv4: ['127.0.0.3'] },
      ];
      writeFileSync(
        join(root, 'other.json'),
        JSON.stringify(configuration({ servers: other, ttlSeconds: 3600 })),
      );
    },
    finds: ['families-differ', 'record-ttl-long'],
    args: () => ['--config', join(root, 'other.json')],
  },
];

/** Faults that need other files: planted together, since the cloud must be started again for them. */
const removeActions = (text: string, ...actions: string[]): string => {
  const template = JSON.parse(text) as {
    Resources: Record<string, { Type: string; Properties: Record<string, unknown> }>;
  };
  for (const [id, { Type, Properties }] of Object.entries(template.Resources)) {
    if (Type === 'AWS::Scheduler::Schedule' && actions.includes('schedule')) Properties.State = 'DISABLED';
    if (Type !== 'AWS::IAM::Role' || !id.startsWith('Console')) continue;
    for (const { PolicyDocument } of Properties.Policies as {
      PolicyDocument: { Statement: { Action: string | string[] }[] };
    }[]) {
      for (const one of PolicyDocument.Statement) {
        one.Action = [one.Action].flat().map((action) => (actions.includes(action) ? 'none:None' : action));
      }
    }
  }
  return JSON.stringify(template);
};

/** The saved zones, edited: the real one first, since the stack's zone is found by its name. */
const editZones = (accelerated: string, ...more: object[]) =>
  editFile('zones.json', (text) => {
    const saved = JSON.parse(text) as { zones: object[] };
    return JSON.stringify({ ...saved, zones: [{ ...saved.zones[0], accelerated }, ...more] });
  });
const SECOND = { id: 'ZSECOND', name: ZONE, nameServers: [], sequence: 0, records: [], changes: [] };
const REBOOTED: Omit<Case, 'undo' | 'args'>[] = [
  {
    name: 'policies that allow too little',
    plant: () =>
      editFile(CONTROL, (text) =>
        removeActions(
          text,
          'route53:ChangeResourceRecordSets',
          'sns:Publish',
          'dynamodb:PutItem',
          'route53:GetChange',
        ),
      ),
    finds: ['permission-write', 'permission-announce', 'permission-store', 'permission-follow'],
    stops: true,
  },
  {
    name: 'a second zone of the same name, and no accelerated recovery',
    plant: () => editZones('DISABLED', SECOND),
    finds: ['second-zone', 'accelerated-recovery-off'],
  },
  {
    name: 'a zone that is being changed over to accelerated recovery',
    plant: () => editZones('ENABLING_HOSTED_ZONE_LOCKED'),
    finds: ['zone-locked'],
  },
  {
    name: 'a schedule that is switched off',
    plant: () => editFile(CONTROL, (text) => removeActions(text, 'schedule')),
    finds: ['controller-silent'],
    stops: true,
  },
];

const assertFound = (
  report: Report,
  { name, finds, stops }: Pick<Case, 'name' | 'finds' | 'stops'>,
): void => {
  const codes = codesOf(report);
  const said = JSON.stringify(
    report.findings.map(({ code, what }) => `${code}: ${what}`),
    null,
    1,
  );
  for (const code of finds) assert.ok(codes.includes(code), `${name}: expected ${code}, found ${said}`);
  const last = report.prognoses[0]?.text ?? '';
  assert.match(
    last,
    stops ? /WOULD NOT FAIL OVER, because / : /WOULD FAIL OVER/,
    `${name}: ${last}\n${said}`,
  );
  assert.notEqual(report.code, stops || finds.includes('dnssec-without-ds') ? undefined : 0, name);
};

const assertHealthy = (report: Report): void => {
  assert.deepEqual(
    report.findings.map(({ code, what }) => `${code}: ${what}`),
    [],
  );
  assert.match(report.prognoses[0]?.text ?? '', /WOULD FAIL OVER\.$/);
  assert.equal(report.code, 0);
};

describe('the doctor', { timeout: 900_000 }, () => {
  before(async () => {
    root = mkdtempSync(join(tmpdir(), 'switchover-doctor-'));
    process.env.NODE_EXTRA_CA_CERTS = join(certificates, 'authority.pem');
    lab = await startLab(join(root, 'lab'));
    const primary = await serve('127.0.0.2', 0);
    port = (primary.address() as AddressInfo).port;
    standby = await serve('127.0.0.3', port);
    await boot(() => startSwitchover(root, configuration()));
    await cloud.line((line) => line.event === 'published', 30_000);
    ds = await lab.sign(copy('127.0.0.3'), delegation(['ns-old.dns.test']));
    await CLEAN();
  });
  after(async () => {
    await cloud?.stop();
    await lab?.close();
    route53?.destroy();
    for (const server of servers) {
      server.closeAllConnections();
      server.close();
    }
    rmSync(root, { recursive: true, force: true });
  });

  const found = new Set<string>();

  test('is silent on a healthy set-up', async () => {
    assertHealthy(await until(isHealthy));
  });

  test('is content with a signed zone and the DS record of its key', async () => {
    await lab.publish(
      parent({ zone: `${delegation()}\n${ds.map(dsRecord).join('\n')}` }),
      places(all(SIGNED)),
    );
    const codes = codesOf(await look());
    await CLEAN();
    assert.deepEqual(codes, ['negative-ttl-long']);
  });

  for (const one of CASES) {
    test(one.name, async () => {
      await one.plant();
      const more = one.args?.() ?? [];
      const report = await until(shows(one), ...more);
      await one.undo?.();
      assertFound(report, one);
      for (const code of one.finds) found.add(code);
    });
  }

  test('is silent again when everything is mended', async () => {
    assertHealthy(await until(isHealthy));
  });

  for (const one of REBOOTED) {
    test(one.name, async () => {
      let undo = () => {};
      try {
        await rebooted(() => {
          undo = one.plant() as () => void;
        }, !one.finds.includes('controller-silent'));
        assertFound(await until(shows(one)), one);
      } finally {
        await rebooted(() => undo());
      }
      for (const code of one.finds) found.add(code);
    });
  }

  test('has found at least twenty-five planted faults, each by its own code', () => {
    assert.ok(CASES.length + REBOOTED.length >= 25);
    assert.ok(found.size >= 25, `${found.size}: ${[...found].sort().join(', ')}`);
  });
});
