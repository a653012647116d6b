import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SwitchoverConfig } from '../lib/config/index.ts';
import { endsWithUs } from './ending.ts';
import { untilListening } from './listening.ts';

/** Self-signed for any host, ECDSA P-256; made by `fixtures/certificates/make.sh`. */
const CERTIFICATE = fileURLToPath(new URL('../fixtures/certificates/self-signed.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../fixtures/certificates/test-only.key', import.meta.url));
/** The name in that certificate, which all sites share as their host where they are asked over TLS. */
const TLS_HOST = 'www.site.test';

export type Scheme = 'http' | 'https';

export type Fleet = {
  sites: number;
  zones: number;
  controllers: number;
  intervalSeconds: number;
  scheme: Scheme;
  port: number;
};

/** Primaries are 127.1.x.y and standbys 127.2.x.y. */
const addressOf = (server: 1 | 2, site: number): string => `127.${server}.${site >> 8}.${site & 255}`;

/** The name of the site whose server has this address. */
export const siteAt = (address: string, zones: number): string => {
  const [, , high, low] = address.split('.').map(Number) as [number, number, number, number];
  return siteName(high * 256 + low, zones);
};

const siteName = (site: number, zones: number): string => `site${site}.zone${site % zones}.example`;

/** So many sites of two servers each, dealt out over the zones, as the configuration has them by default. */
export const fleetConfig = ({
  sites,
  zones,
  controllers,
  intervalSeconds,
  scheme,
  port,
}: Fleet): SwitchoverConfig => ({
  deployment: 'bench',
  local: true,
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: Array.from({ length: zones }, (_, zone) => ({ name: `zone${zone}.example` })),
  alerts: { emails: ['ops@zone0.example'] },
  intervalSeconds,
  sitesPerController: Math.ceil(sites / controllers),
  sites: Array.from({ length: sites }, (_, site) => {
    const name = siteName(site, zones);
    return {
      name,
      servers: [
        { name: 'primary', ipv4: [addressOf(1, site)] },
        { name: 'standby', ipv4: [addressOf(2, site)] },
      ],
      probe: {
        url: `${scheme}://${scheme === 'https' ? TLS_HOST : name}:${port}/healthz`,
        bodyIncludes: 'ok',
        ...(scheme === 'https' && { ca: { file: CERTIFICATE } }),
      },
    };
  }),
});

/** One request that a server answered: when, milliseconds since 1970, at which address. */
export type Hit = { atMs: number; address: string };

/** The servers of all sites: one nginx on all of loopback. */
export type Servers = {
  pid: number;
  /** What was asked of them so far. */
  hits(): Hit[];
  /** Primaries answer 500 from now on. */
  breakPrimaries(): void;
  stop(): void;
};

const nginxConfig = (dir: string, { scheme, port }: Fleet): string => `
daemon off; worker_processes 1; worker_rlimit_nofile 16384; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 8192; }
http {
  log_format hit '$msec $server_addr'; access_log ${dir}/hits hit buffer=64k flush=1s; keepalive_timeout 0;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  ssl_certificate ${CERTIFICATE}; ssl_certificate_key ${KEY}; ssl_session_cache off; ssl_session_tickets off;
  server {
    listen ${port} ${scheme === 'https' ? 'ssl ' : ''}backlog=16384;
    default_type text/plain;
    location = /healthz {
      set $state $server_addr;
      if (-f ${dir}/broken) { set $state "broken $server_addr"; }
      if ($state ~ "^broken 127\\.1\\.") { return 500; }
      return 200 "ok\\n";
    }
  }
}`;

/** Starts the servers below `root`. Needs nginx (Debian: nginx-light). */
export const startServers = async (root: string, fleet: Fleet): Promise<Servers> => {
  const dir = join(root, 'servers');
  mkdirSync(dir, { recursive: true });
  // The worker runs as another user and must find the flag file.
  chmodSync(root, 0o755);
  writeFileSync(join(dir, 'nginx.conf'), nginxConfig(dir, fleet));
  const child = endsWithUs(
    spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const failed = once(child, 'error').then(([cause]) => {
    throw new Error('Expected nginx to start; install it with: apt-get install nginx-light', { cause });
  });
  await Promise.race([failed, untilListening('127.0.0.1', fleet.port, () => child.exitCode !== null)]);
  return {
    pid: child.pid as number,
    hits: () =>
      readFileSync(join(dir, 'hits'), 'utf8')
        .trimEnd()
        .split('\n')
        .map((line) => {
          const [seconds, address] = line.split(' ') as [string, string];
          return { atMs: Math.round(Number(seconds) * 1000), address };
        }),
    breakPrimaries: () => writeFileSync(join(dir, 'broken'), ''),
    stop: () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    },
  };
};
