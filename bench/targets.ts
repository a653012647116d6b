import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { ProbeRequest } from '../lambda/core/probe/request.ts';
import { endsWithUs } from './ending.ts';
import { freePorts } from './listening.ts';

/** `h2` is `https` with a server that offers HTTP/2. */
export type Scheme = 'http' | 'https' | 'h2';

/** As a URL begins. */
export const inUrl = (scheme: Scheme): 'http' | 'https' => (scheme === 'h2' ? 'https' : scheme);

/** Many servers on loopback: every address 127.1.x.y is one, and two nginx workers answer for them all. */
export type Targets = {
  ports: Record<Scheme, number>;
  /** Requests that nginx has answered so far. */
  requests(): Promise<number>;
  stop(): void;
};

/** Self-signed, ECDSA P-256; made by `fixtures/certificates/make.sh`. */
const CERTIFICATE = fileURLToPath(new URL('../fixtures/certificates/self-signed.pem', import.meta.url));
const KEY = fileURLToPath(new URL('../fixtures/certificates/test-only.key', import.meta.url));

export const HOST = 'www.site.test';
export const PATH = '/health';
export const NEEDLE = '"status":"ok"';
const BODY = `{${NEEDLE},"version":"1.2.3","uptime":123456,"checks":{"db":"ok"}}`;

/** No connection is used twice and no TLS session is taken up again, as with servers that are probed every ten seconds. */
const configOf = (dir: string, ports: Targets['ports']): string => `
daemon off; worker_processes 2; worker_rlimit_nofile 16384; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 4096; }
http {
  access_log off; keepalive_timeout 0;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  ssl_certificate ${CERTIFICATE}; ssl_certificate_key ${KEY}; ssl_session_cache off; ssl_session_tickets off;
  server {
    listen ${ports.http} backlog=4096; listen ${ports.https} ssl backlog=4096; listen ${ports.h2} ssl http2 backlog=4096;
    location = /served { stub_status; }
    location = ${PATH} { default_type application/json; return 200 '${BODY}'; }
  }
}`;

/** nginx tries a port that is taken for 2.5 s, then says so and ends. */
const START_TRIES = 200;
const START_PAUSE_MS = 50;

/** Starts nginx below `root`, on ports of its own of all loopback addresses. Needs nginx (Debian: nginx-light). */
export const startTargets = async (root: string): Promise<Targets> => {
  const dir = join(root, 'targets');
  mkdirSync(dir, { recursive: true });
  const [http = 0, https = 0, h2 = 0] = await freePorts(3);
  const ports = { http, https, h2 };
  writeFileSync(join(dir, 'nginx.conf'), configOf(dir, ports));
  const child = endsWithUs(
    spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], {
      detached: true,
      stdio: ['ignore', 'ignore', 'inherit'],
    }),
  );
  const failed = once(child, 'error').then(([error]) => {
    throw new Error('Expected nginx to start; install it with: apt-get install nginx-light', {
      cause: error,
    });
  });
  await Promise.race([failed, untilStarted(child, join(dir, 'pid'))]);
  return {
    ports,
    async requests() {
      const answer = await fetch(`http://127.0.0.1:${ports.http}/served`);
      return Number(/^ (?:\d+) (?:\d+) (\d+)/m.exec(await answer.text())?.[1]);
    },
    stop: () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGKILL');
    },
  };
};

/** That something listens would not say who does: nginx writes this file once it listens itself. */
const untilStarted = async (child: ChildProcess, pidFile: string): Promise<void> => {
  for (let tries = 0; tries < START_TRIES && child.exitCode === null; tries += 1) {
    if (existsSync(pidFile)) return;
    await new Promise((done) => setTimeout(done, START_PAUSE_MS));
  }
  throw new Error('Expected nginx to listen within 10 s, it did not: see what it said, or its error.log.');
};

/** A port that takes connections on every loopback address and never says a word. */
export const startSilence = async (): Promise<{ port: number; stop(): void }> => {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    socket.resume();
  });
  server.listen(0, '0.0.0.0', 4096);
  await once(server, 'listening');
  return {
    port: (server.address() as { port: number }).port,
    stop: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
};

/** The address of the server of this number. */
export const addressOf = (index: number): string => `127.1.${index >> 8}.${index & 255}`;

const certificate = readFileSync(CERTIFICATE, 'utf8');

/** What the controller would ask of the server of this number: status, a text in the body, and over TLS chain, name and dates. */
export const requestOf = (scheme: Scheme, port: number, index: number, timeoutMs = 10_000): ProbeRequest => ({
  id: `${HOST} server-${index} ${port}`,
  url: `${inUrl(scheme)}://${HOST}:${port}${PATH}`,
  address: addressOf(index),
  method: 'GET',
  headers: {},
  expectStatus: [200],
  bodyIncludes: NEEDLE,
  timeoutMs,
  ...(scheme !== 'http' && { ca: certificate }),
});
