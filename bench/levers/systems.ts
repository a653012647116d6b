import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bootSwitchover, measuredConfig } from '../switchover.ts';
import { PRIMARY, SERVED, SITE, STANDBY, untilThere } from './network.ts';

/** What moves the site: started below `dir`, it answers DNS on `dnsPort` of loopback until it is stopped. */
export type Moving = { dnsPort: number; stop(): Promise<void> };
export type System = {
  name: string;
  /** Debian package and program, if it is not ours. */
  needs?: { program: string; debian: string };
  /** What of the equal intervals and equal evidence it cannot do. */
  differs?: string;
  /** Where the standby's application listens, if not where visitors come to. */
  standbyPort?: number;
  start(dir: string): Promise<Moving>;
};

const TTL_SECONDS = 60;
const DNS_PORT = 5300;
/** Alike for all: a look each ten seconds that waits two, and three failures. */
const EVIDENCE = { intervalSeconds: 10, timeoutSeconds: 2, failures: 3 };

const PROBE = {
  url: `http://${SITE}/healthz`,
  bodyIncludes: 'ok',
  timeoutSeconds: EVIDENCE.timeoutSeconds,
};

const siteOf = (site: object, intervalSeconds = EVIDENCE.intervalSeconds) => {
  const config = measuredConfig(80, {}, intervalSeconds);
  const [measured] = config.sites;
  const own = {
    ttlSeconds: TTL_SECONDS,
    failuresToDown: EVIDENCE.failures,
    downForSeconds: 0,
    confirmEverySeconds: 2,
    servers: [
      { name: 'primary', ipv4: [PRIMARY] },
      { name: 'standby', ipv4: [STANDBY] },
    ],
    probe: PROBE,
  };
  return { ...config, sites: [{ ...measured, ...own, ...site }] };
};

/** Something that runs beside the local cloud: started once that is there, it is what to stop. */
type Beside = (config: string, dnsPort: number) => Promise<() => Promise<void>>;

const switchover =
  (site: object, beside?: Beside) =>
  async (dir: string): Promise<Moving> => {
    const file = join(dir, 'config.json');
    writeFileSync(file, JSON.stringify(siteOf(site)));
    const running = bootSwitchover(dir, ['--config', file]);
    const { dns } = (await running.line(({ event }) => event === 'ready', 60_000)) as { dns?: string };
    const dnsPort = Number(dns?.split(':').at(-1));
    const stopBeside = await beside?.(file, dnsPort);
    await running.line(({ event }) => event === 'published', 60_000);
    return {
      dnsPort,
      async stop() {
        await stopBeside?.();
        await running.stop();
      },
    };
  };

const stopping = (child: ChildProcess) => async (): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
};

/** Where the standby's application listens behind its gate. */
const BEHIND = 8080;
const PROBE_HEADER = 'x-probe-key';

const DUAL = {
  lever: 'dual',
  dual: { primaryName: 'www-primary.flip.example', probeHeader: PROBE_HEADER, joinAfterSeconds: 0 },
  probe: { ...PROBE, headers: { [PROBE_HEADER]: 'known here' } },
};

/** Asks for its role each two seconds, which is what it does unless told otherwise. */
const gate: Beside = async (config, dnsPort) => {
  const flags = {
    site: SITE,
    config,
    listen: `${STANDBY}:80`,
    upstream: `http://${STANDBY}:${BEHIND}`,
    'name-server': `127.0.0.1:${dnsPort}`,
  };
  const words = Object.entries(flags).flatMap(([flag, value]) => [`--${flag}`, value]);
  const child = spawn(process.execPath, ['bin/switchover.ts', 'gate', ...words], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await untilThere(dnsPort, 2);
  return stopping(child);
};

/** An Elastic IP of the local cloud. */
const READDRESS = {
  lever: 'readdress',
  readdress: { address: SERVED, allocationId: 'eipalloc-0123456789abcdef0' },
  servers: [
    { name: 'primary', probeAddress: PRIMARY, holder: 'i-0123456789abcdef0' },
    { name: 'standby', probeAddress: STANDBY, holder: 'i-0123456789abcdef1' },
  ],
};

const GDNSD_CONFIG = (dir: string) => `
options => { listen => 127.0.0.1:${DNS_PORT}, run_dir => ${dir}/run, state_dir => ${dir}/state, udp_threads => 1, tcp_threads => 1 }
service_types => { web => {
  plugin => http_status, port => 80, url_path => /healthz, vhost => www.flip.example, ok_codes => [ 200 ],
  interval => ${EVIDENCE.intervalSeconds}, timeout => ${EVIDENCE.timeoutSeconds},
  down_thresh => ${EVIDENCE.failures}, ok_thresh => 1, up_thresh => 3
} }
plugins => { simplefo => { www => { service_types => [ web ], primary => ${PRIMARY}, secondary => ${STANDBY} } } }`;

const ZONE = (record: string) => `$TTL ${TTL_SECONDS}
@ IN SOA ns.flip.example. hostmaster.flip.example. 1 7200 1800 259200 60
@ IN NS ns.flip.example.
ns IN A 127.0.0.1
${record}
`;

const gdnsd = async (dir: string): Promise<Moving> => {
  mkdirSync(join(dir, 'zones'), { recursive: true });
  writeFileSync(join(dir, 'config'), GDNSD_CONFIG(dir));
  writeFileSync(
    join(dir, 'zones', 'flip.example'),
    ZONE(`www ${TTL_SECONDS} IN DYNA simplefo!www`).replaceAll(' IN ', ' '),
  );
  const child = spawn('/usr/sbin/gdnsd', ['-c', dir, 'start'], { stdio: 'ignore' });
  return { dnsPort: DNS_PORT, stop: stopping(child) };
};

const POWERDNS_CONFIG = (dir: string) => `
launch=bind
bind-config=${dir}/named.conf
local-address=127.0.0.1
local-port=${DNS_PORT}
socket-dir=${dir}
enable-lua-records=yes
lua-health-checks-interval=${EVIDENCE.intervalSeconds}
cache-ttl=0
query-cache-ttl=0
negquery-cache-ttl=0
zone-cache-refresh-interval=0
daemon=no
guardian=no
write-pid=no
security-poll-suffix=
`;

const powerdns = async (dir: string): Promise<Moving> => {
  const servers = `{{'${PRIMARY}'}, {'${STANDBY}'}}`;
  const rule = `ifurlup('http://www.flip.example/healthz', ${servers}, {stringmatch='ok', timeout=${EVIDENCE.timeoutSeconds}})`;
  writeFileSync(join(dir, 'pdns.conf'), POWERDNS_CONFIG(dir));
  writeFileSync(join(dir, 'named.conf'), `zone "flip.example" { type master; file "${dir}/zone"; };\n`);
  writeFileSync(join(dir, 'zone'), `$ORIGIN flip.example.\n${ZONE(`www ${TTL_SECONDS} IN LUA A "${rule}"`)}`);
  const child = spawn('/usr/sbin/pdns_server', [`--config-dir=${dir}`], { stdio: 'ignore' });
  return { dnsPort: DNS_PORT, stop: stopping(child) };
};

export const SYSTEMS: Record<string, System> = {
  record: { name: 'Switchover, record', start: switchover({ lever: 'record' }) },
  dual: { name: 'Switchover, dual', standbyPort: BEHIND, start: switchover(DUAL, gate) },
  readdress: { name: 'Switchover, readdress', start: switchover(READDRESS) },
  gdnsd: { name: 'gdnsd', needs: { program: 'gdnsd', debian: 'gdnsd' }, start: gdnsd },
  powerdns: {
    name: 'PowerDNS ifurlup',
    needs: { program: 'pdns_server', debian: 'pdns-server pdns-backend-bind' },
    differs: 'one failure is enough for it, since this version knows no threshold',
    start: powerdns,
  },
};
