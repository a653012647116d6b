import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { secondsIn } from '../bin/times.ts';
import { closest } from '../lib/closest.ts';
import { IS_BUILT } from '../lib/place.ts';

/** What `npm start` was asked for. Paths are absolute. */
export type StartOptions = {
  configFile?: string;
  assemblyDir?: string;
  stateDir?: string;
  dnsPort: number;
  port: number;
  tickSeconds: number;
  forSeconds?: number;
  watchRealServers: boolean;
  json: boolean;
};

export const USAGE = `Runs Switchover on this machine, as it would be deployed: ${IS_BUILT ? 'switchover start' : 'npm start --'} [options]

  --config FILE     the configuration, .ts or .json; without it, two demo web servers
                    are started on 127.0.0.2 and 127.0.0.3
  --assembly DIR    boot what "cdk synth" made, instead of synthesizing
  --state DIR       where zones, tables and mails are kept (.switchover)
  --dns-port N      the name server's port, UDP and TCP; 0 takes a free one (8053)
  --port N          the AWS endpoint's port; 0 takes a free one (4566)
  --tick TIME       how long the scheduler's minute lasts (60)
  --for TIME        end by itself this long after everything is up: 90s, 10m, 2h
  --watch-real-servers
                    probe servers of the configuration that are not on this machine
  --json            one JSON object a line on standard output, everything else on
                    standard error
  --help            this text
`;

/** The command line is wrong; the message is one sentence or two. */
export class UsageError extends Error {}

const FLAGS = {
  config: { type: 'string' },
  assembly: { type: 'string' },
  state: { type: 'string' },
  'dns-port': { type: 'string', default: '8053' },
  port: { type: 'string', default: '4566' },
  tick: { type: 'string', default: '60' },
  for: { type: 'string' },
  'watch-real-servers': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

/** Reads the arguments; paths start at `from`. Throws a `UsageError`. */
export const readOptions = (args: string[], from: string): StartOptions | 'help' => {
  const given = parse(args);
  if (given.help) return 'help';
  if (given.config !== undefined && given.assembly !== undefined) {
    throw new UsageError(
      'Expected --config or --assembly, received both; an assembly has its configuration baked in, so drop one.',
    );
  }
  const path = (flag: 'config' | 'assembly' | 'state'): string | undefined => {
    const value = given[flag];
    if (value === '') throw new UsageError(`Expected --${flag} to name a path, received nothing.`);
    return value === undefined ? undefined : resolve(from, value);
  };
  return {
    configFile: path('config'),
    assemblyDir: path('assembly'),
    stateDir: path('state'),
    dnsPort: portNumber('dns-port', given['dns-port']),
    port: portNumber('port', given.port),
    tickSeconds: seconds('tick', given.tick),
    forSeconds: given.for === undefined ? undefined : seconds('for', given.for),
    watchRealServers: given['watch-real-servers'],
    json: given.json,
  };
};

const parse = (args: string[]) => {
  try {
    return parseArgs({ args, options: FLAGS, strict: true, allowPositionals: false }).values;
  } catch (error) {
    // Node names the flag and how to write it; only its codes tell these errors from a defect.
    if (!String((error as NodeJS.ErrnoException).code).startsWith('ERR_PARSE_ARGS')) throw error;
    throw new UsageError(unknownOption(error as Error) ?? (error as Error).message.replace(/\.?$/, '.'));
  }
};

/** Node explains how to pass a positional argument instead, of which there are none here. */
const unknownOption = (error: Error & { code?: string }): string | undefined => {
  if (error.code !== 'ERR_PARSE_ARGS_UNKNOWN_OPTION') return undefined;
  const [, option = ''] = /'(-[^' ]*)/.exec(error.message) ?? [];
  const near = closest(option.replace(/^-+/, ''), Object.keys(FLAGS));
  return `Expected a known option, received ${option}.${near === undefined ? '' : ` Did you mean --${near}?`}`;
};

const portNumber = (flag: string, text: string): number => {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= 0 && value <= 65_535) return value;
  throw new UsageError(`Expected --${flag} to be a port from 0 to 65535, received ${JSON.stringify(text)}.`);
};

/** Longer than this and Node's timers fire at once. */
const LONGEST_SECONDS = 2_000_000;

/** A time as everywhere else on a command line, or a number of seconds. */
const seconds = (flag: string, text: string): number => {
  const value = secondsIn(text) ?? (/^\d+(\.\d+)?$/.test(text) ? Number(text) : 0);
  if (value > 0 && value <= LONGEST_SECONDS) return value;
  const wanted =
    value > 0
      ? `at most ${LONGEST_SECONDS} s`
      : 'a time above 0 such as 90s, 10m or 2h, or a number of seconds';
  throw new UsageError(`Expected --${flag} to be ${wanted}, received ${JSON.stringify(text)}.`);
};
