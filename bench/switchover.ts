import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { SwitchoverConfig } from '../lib/config/index.ts';
import { PERMISSIONS_FILE } from '../local/permissions.ts';
import { endsWithUs } from './ending.ts';

export type Line = { event: string; [key: string]: unknown };

/** A running `npm start -- --json`, seen from outside: only its lines are known. */
export type Running = {
  lines: Line[];
  /** The next line, or one that came already, for which `wanted` holds; rejects after `withinMs`. */
  line(wanted: (line: Line) => boolean, withinMs: number, from?: number): Promise<Line>;
  stop(): Promise<void>;
  child: ChildProcess;
};

/** Starts the local cloud on `config` in a state directory below `root`, on free ports. */
export const startSwitchover = (root: string, config: SwitchoverConfig, more: string[] = []): Running => {
  mkdirSync(root, { recursive: true });
  const file = join(root, 'config.json');
  writeFileSync(file, JSON.stringify(config));
  return bootSwitchover(root, ['--config', file, ...more]);
};

/** The environment for an assembly that a test has spoiled: what its functions are refused is no defect of the synthesized policies. */
export const unnoted = (): NodeJS.ProcessEnv => ({ ...process.env, [PERMISSIONS_FILE]: undefined });

/** Starts the local cloud on the state below `root`, on free ports. */
export const bootSwitchover = (root: string, more: string[], env = process.env): Running => {
  const ports = ['--dns-port', '0', '--port', '0'];
  const flags = ['--state', join(root, 'state'), ...ports, '--json', ...more];
  const child = endsWithUs(
    spawn(process.execPath, ['local/start.ts', ...flags], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    }),
  );
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (text) => {
    lines.push(JSON.parse(text) as Line);
    for (const look of waiting) look();
  });
  return {
    lines,
    child,
    line: (wanted, withinMs, from = 0) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const found = lines.slice(from).find(wanted);
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(
            new Error(
              `Expected a line ${wanted} within ${withinMs} ms; the last lines: ${JSON.stringify(lines.slice(-5))}`,
            ),
          );
        }, withinMs);
        waiting.add(look);
        child.once('exit', (code) => {
          clearTimeout(timer);
          reject(
            new Error(`Expected a line ${wanted}, but npm start ended with ${code}; see what it said above.`),
          );
        });
        look();
      }),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
};

/** A probe has its default of 3 s, and less where looks are closer together than that. */
const inTimeFor = (intervalSeconds: number) =>
  intervalSeconds > 3 ? {} : { timeoutSeconds: 0.8 * intervalSeconds };

/** The site of the measurements: two servers on loopback, watched from three vantages. */
export const measuredConfig = (port: number, site: object, intervalSeconds = 10) =>
  ({
    deployment: 'bench',
    local: true,
    homeRegion: 'eu-west-2',
    vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
    zones: [{ name: 'flip.example' }],
    alerts: { emails: ['ops@flip.example'] },
    intervalSeconds,
    sites: [
      {
        name: 'www.flip.example',
        servers: [
          { name: 'primary', ipv4: ['127.0.0.2'] },
          { name: 'standby', ipv4: ['127.0.0.3'] },
        ],
        probe: {
          url: `http://www.flip.example:${port}/healthz`,
          bodyIncludes: 'ok',
          ...inTimeFor(intervalSeconds),
        },
        failuresToDown: 3,
        ...site,
      },
    ],
  }) satisfies SwitchoverConfig;
