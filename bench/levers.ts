/**
 * From a primary's death to the first good visit, and the share of visits that fail, for curl and Chromium behind a caching
 * resolver, by lever and beside other failover software. `npm run bench -- levers [--json] [--quick] [--system NAME]
 * [--failure NAME]`. Needs root on Linux (each run has network and mount namespaces of its own), nginx, unbound, curl and
 * chromium; peers that are not installed are named.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { inNamespace, PRIMARY, STANDBY, setUp, switchOff, untilThere } from './levers/network.ts';
import { SYSTEMS, type System } from './levers/systems.ts';
import { chromium, curl, pageOf, type Visit, type Visitor } from './levers/visitors.ts';
import { type Nginx, nginx } from './nginx.ts';
import { isInstalled, startRecursor } from './recursors.ts';

/** Refused: the web server is gone. Silent: the machine is off. 500: it is there, and broken. */
const FAILURES = {
  refused: (primary: Nginx) => primary.kill(),
  silent: () => switchOff(PRIMARY),
  500: (primary: Nginx) => primary.break(true),
};
type Failure = keyof typeof FAILURES;

/** Visitors come for so long before the death: the resolver's answer is then this old. */
const BEFORE_SECONDS = 20;
const AFTER_SECONDS = 120;
const RUNS_AT_ONCE = 2;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean' },
    quick: { type: 'boolean' },
    system: { type: 'string' },
    failure: { type: 'string' },
    inside: { type: 'boolean' },
  },
});

type Row = {
  system: string;
  failure: string;
  visitor: string;
  visits: number;
  failed: number;
  /** Until a visit that began after the death had the page. */
  firstGoodSeconds?: number;
  /** When the last visit that failed began. */
  lastFailedSeconds?: number;
};

const sleep = (seconds: number) => new Promise((done) => setTimeout(done, seconds * 1000));

const rowOf = (system: System, failure: Failure, { name, visits }: Visitor, diedAt: number): Row => {
  const after = visits.filter(
    ({ startedAt }) => startedAt >= diedAt && startedAt < diedAt + AFTER_SECONDS * 1000,
  );
  const since = (at: number) => Math.round((at - diedAt) / 100) / 10;
  const failed = after.filter(({ from }) => from === undefined);
  const goodEnds = after.filter(({ from }) => from !== undefined).map(({ endedAt }: Visit) => endedAt);
  return {
    system: system.name,
    failure: String(failure),
    visitor: name,
    visits: after.length,
    failed: failed.length,
    ...(goodEnds.length > 0 && { firstGoodSeconds: since(Math.min(...goodEnds)) }),
    ...(failed.length > 0 && { lastFailedSeconds: since(Math.max(...failed.map((v) => v.startedAt))) }),
  };
};

/** One death of one system, inside a namespace. */
const measure = async (system: System, failure: Failure): Promise<Row[]> => {
  setUp();
  const root = mkdtempSync(join(tmpdir(), 'switchover-levers-'));
  const primary = nginx(root, PRIMARY, 80, pageOf(PRIMARY));
  const standby = nginx(root, STANDBY, system.standbyPort ?? 80, pageOf(STANDBY));
  await Promise.all([primary.start(), standby.start()]);
  const moving = await system.start(mkdtempSync(join(root, 'system-')));
  // Three looks: every server has been judged by then. PowerDNS answers with any of them before.
  await sleep(30);
  const recursor = await startRecursor('unbound', root, moving.dnsPort, untilThere, 53);
  try {
    const visitors = [curl(), await chromium(root)];
    await sleep(BEFORE_SECONDS);
    for (const { name, visits } of visitors) {
      const from = visits.at(-1)?.from;
      if (from === PRIMARY) continue;
      throw new Error(
        `Expected ${name} to see the primary's page before the death, it saw ${from ?? 'none'}.`,
      );
    }
    const diedAt = performance.now();
    FAILURES[failure](primary);
    await sleep(AFTER_SECONDS);
    await Promise.all(visitors.map((visitor) => visitor.stop()));
    return visitors.map((visitor) => rowOf(system, failure, visitor, diedAt));
  } finally {
    await recursor.stop();
    await moving.stop();
    primary.stop();
    standby.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 5 });
  }
};

const show = ({
  system,
  failure,
  visitor,
  visits,
  failed,
  firstGoodSeconds,
  lastFailedSeconds,
}: Row): string => {
  const share = ((100 * failed) / visits).toFixed(0).padStart(3);
  const first = (firstGoodSeconds?.toFixed(1) ?? 'none').padStart(6);
  const last = (lastFailedSeconds?.toFixed(1) ?? '-').padStart(6);
  return `${system.padEnd(26)}${failure.padEnd(9)}${visitor.padEnd(10)}${first} s${last} s${share} % of ${visits}`;
};

const measureAll = async (): Promise<void> => {
  const wanted = Object.entries(SYSTEMS).filter(
    ([key]) => values.system === undefined || values.system === key,
  );
  const failures = Object.keys(FAILURES).filter((f) =>
    values.failure === undefined ? !values.quick || f === 'refused' : f === values.failure,
  );
  const missing = wanted.filter(([, { needs }]) => needs !== undefined && !isInstalled(needs.program));
  for (const [, { name, needs }] of missing)
    console.error(`${name} is not installed, so it is left out: apt-get install ${needs?.debian}`);
  const present = wanted.filter((each) => !missing.includes(each));
  const runs = present.flatMap(([system]) => failures.map((failure) => ({ system, failure })));
  const rows: Row[] = [];
  console.error(
    `${'system'.padEnd(26)}failure  visitor  first good, last failed began, failed in ${AFTER_SECONDS} s`,
  );
  const next = async (): Promise<void> => {
    for (let run = runs.shift(); run !== undefined; run = runs.shift()) {
      const flags = ['--inside', '--system', run.system, '--failure', run.failure];
      try {
        const found = JSON.parse(await inNamespace(flags)) as Row[];
        for (const row of found) console.error(show(row));
        rows.push(...found);
      } catch (error) {
        // The others take a quarter of an hour, and are right without it.
        console.error((error as Error).message);
        process.exitCode = 1;
      }
    }
  };
  await Promise.all(Array.from({ length: RUNS_AT_ONCE }, next));
  if (values.json)
    console.log(JSON.stringify({ bench: 'levers', ttlSeconds: 60, afterSeconds: AFTER_SECONDS, rows }));
};

if (values.inside) {
  const system = SYSTEMS[values.system ?? ''] as System;
  console.log(JSON.stringify(await measure(system, values.failure as Failure)));
  process.exit(0);
} else await measureAll();
