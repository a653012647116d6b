import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

/** A shell of somebody who installs the packages: a folder, and one Node in the PATH before everything else. */
export type Shell = {
  folder: string;
  /** Runs a command to its end; answers what it wrote to standard output. Rejects with all that it wrote. */
  run(command: string, ...args: string[]): Promise<string>;
  /** The same for a command that may fail; answers its code too. */
  outcome(command: string, ...args: string[]): Promise<{ code: number; text: string }>;
  /** Starts a program that runs until the test ends it. */
  start(command: string, ...args: string[]): Running;
};

export type Running = {
  child: ChildProcess;
  /** The first line from now or before that holds this text. Rejects, with all that was written, when the program ends before. */
  line(holding: string): Promise<string>;
  end(): Promise<number | null>;
};

/** What ends when the test file has run. An `after` in the `before` of a suite would come as soon as that `before` is over. */
const undo: (() => unknown)[] = [];
after(() => {
  for (const step of undo.reverse()) step();
});

/** A folder that is removed when the test file has run. */
export const newFolder = (name: string): string => {
  const folder = mkdtempSync(join(tmpdir(), `switchover-package-${name}-`));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** What the operator's own shell or npm has set must not help: a project of strangers has none of it. */
const environment = (nodeFolder: string): NodeJS.ProcessEnv => {
  const own = Object.entries(process.env).filter(
    ([name]) => !/^(npm_(?!config)|NODE_(?!EXTRA_CA)|INIT_CWD|SWITCHOVER_|AWS_|CDK_)/i.test(name),
  );
  const path = (process.env.PATH ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
  return { ...Object.fromEntries(own), PATH: [nodeFolder, ...path].join(delimiter), CI: 'true' };
};

export const shellIn = (folder: string, nodeFolder: string): Shell => {
  const options = { cwd: folder, env: environment(nodeFolder), maxBuffer: 64_000_000 };
  const run = async (command: string, ...args: string[]): Promise<string> =>
    (await promisify(execFile)(command, args, options)).stdout;
  return {
    folder,
    run,
    outcome: async (command, ...args) =>
      run(command, ...args).then(
        (text) => ({ code: 0, text }),
        ({ code, stdout, stderr }) => ({ code: Number(code), text: `${stdout}${stderr}` }),
      ),
    start: (command, ...args) =>
      running(spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] })),
  };
};

const running = (child: ChildProcess): Running => {
  const lines: string[] = [];
  const ended = once(child, 'close').then(([code]) => code as number | null);
  const waiting = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr])
    if (stream !== null)
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        for (const look of waiting) look();
      });
  undo.push(() => child.kill('SIGKILL'));
  return {
    child,
    line: (holding) => {
      const { promise, resolve, reject } = Promise.withResolvers<string>();
      const look = () => {
        const found = lines.find((line) => line.includes(holding));
        if (found !== undefined) resolve(found);
      };
      waiting.add(look);
      look();
      void ended.then((code) =>
        reject(new Error(`Ended with ${code} before "${holding}":\n${lines.join('\n')}`)),
      );
      return promise.finally(() => waiting.delete(look));
    },
    end: async () => {
      child.kill('SIGTERM');
      return ended;
    },
  };
};

/** Two web servers of somebody's own on one port, at these addresses; each says who it is. */
export const ownServers = async (
  addresses: [string, string],
): Promise<{ port: number; servers: [Server, Server] }> => {
  const open = async (name: string, address: string, port: number): Promise<Server> => {
    const server = createServer((_, response) => response.setHeader('x-served-by', name).end(`${name}\n`));
    undo.push(() => server.close());
    await once(server.listen(port, address), 'listening');
    return server;
  };
  const primary = await open('primary', addresses[0], 0);
  const { port } = primary.address() as { port: number };
  return { port, servers: [primary, await open('standby', addresses[1], port)] };
};

/** What the page at this address shows, as somebody sees it who opens it and loads it again until it shows `wanted`. */
export const shownOn = async (url: string, wanted: RegExp): Promise<string> => {
  const entered = await fetch(url, { redirect: 'manual' });
  const cookie = entered.headers.get('set-cookie')?.split(';')[0] ?? '';
  for (let left = 30; ; left -= 1) {
    const text = await (await fetch(new URL('/', url), { headers: { cookie } })).text();
    if (wanted.test(text) || left === 0) return text;
    await sleep(1000);
  }
};

/** Where a package of npm's has put this version of Node. */
export const nodeOf = async (version: string): Promise<string> => {
  const folder = newFolder('node');
  const name = `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
  await promisify(execFile)('npm', ['install', '--prefix', folder, '--no-save', `${name}@${version}`]);
  return join(folder, 'node_modules', name, 'bin');
};

/** The packages that are installed in a folder, those inside of others too. */
export const packagesIn = (folder: string): string[] => {
  const modules = join(folder, 'node_modules');
  const namesIn = (from: string): string[] => {
    try {
      return readdirSync(from).filter((name) => !name.startsWith('.'));
    } catch {
      return [];
    }
  };
  return namesIn(modules)
    .flatMap((name) =>
      name.startsWith('@') ? namesIn(join(modules, name)).map((own) => `${name}/${own}`) : [name],
    )
    .flatMap((name) => [name, ...packagesIn(join(modules, name))]);
};
