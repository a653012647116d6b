import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { endsWithUs } from './ending.ts';
import { isListening, untilListening } from './listening.ts';

/** One nginx on one address, which can be killed, hung and made to answer 500, as the machine of a website can. */
export type Nginx = {
  start(): Promise<void>;
  /** SIGKILL to the master and its worker: connections are refused from then on. */
  kill(): void;
  /** SIGSTOP: the kernel goes on accepting connections, and nobody answers. */
  hang(): void;
  /** Everything answers 500 while `broken`. */
  break(broken: boolean): void;
  stop(): void;
};

const CONFIG = (dir: string, address: string, port: number, page: string): string => `
daemon off; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path ${dir}/body; proxy_temp_path ${dir}/proxy; fastcgi_temp_path ${dir}/fastcgi;
  uwsgi_temp_path ${dir}/uwsgi; scgi_temp_path ${dir}/scgi;
  server {
    listen ${address}:${port};
    default_type text/plain;
    location / { if (-f ${dir}/broken) { return 500; } return 200 "${page}\\n"; }
    location = /healthz { if (-f ${dir}/broken) { return 500; } return 200 "ok\\n"; }
  }
}`;

/** `page` is what it answers, apart from `ok` at `/healthz`. */
export const nginx = (root: string, address: string, port: number, page = address): Nginx => {
  const dir = join(root, `nginx-${address}`);
  mkdirSync(dir, { recursive: true });
  // The worker runs as another user and must find the flag file.
  chmodSync(root, 0o755);
  writeFileSync(join(dir, 'nginx.conf'), CONFIG(dir, address, port, page));
  let child: ChildProcess | undefined;
  // The group has a session of its own, so that a signal meets the master and its worker and nobody else.
  const signal = (name: NodeJS.Signals) => {
    if (child?.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
    process.kill(-child.pid, name);
  };
  return {
    async start() {
      if (await isListening(address, port))
        throw new Error(
          `Expected ${address}:${port} to be free, something listens there: end it and run this again.`,
        );
      child = endsWithUs(
        spawn('nginx', ['-p', dir, '-c', join(dir, 'nginx.conf')], { detached: true, stdio: 'ignore' }),
      );
      await untilListening(address, port);
    },
    kill: () => signal('SIGKILL'),
    hang: () => signal('SIGSTOP'),
    break: (broken) => {
      if (broken) writeFileSync(join(dir, 'broken'), '');
      else rmSync(join(dir, 'broken'), { force: true });
    },
    stop() {
      signal('SIGCONT');
      signal('SIGKILL');
    },
  };
};
