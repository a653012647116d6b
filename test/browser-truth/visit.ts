/**
 * Shows the servers of the table to a real Chromium and prints where it differs from the table:
 * `npx node test/browser-truth/visit.ts [SECTION or CASE … | siblings | SIBLING …]`, with Debian's chromium and libnss3-tools. It is how the servers
 * were held against the table, and how the table is to be held against a newer Chromium. No check: browsers move by themselves.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startChromium, type Visitor } from '../../bench/chromium.ts';
import { HOST, TEXT } from './case.ts';
import { trusted } from './certificates.ts';
import { chosen } from './choice.ts';
import { CORPUS } from './corpus.ts';
import { ABSENT } from './names.ts';
import { serveCase } from './serve.ts';
import { SIBLINGS } from './siblings.ts';
import { NOT_SHOWN } from './siblings-shown.ts';
import type { Line } from './table.ts';

/** Pages that never end are left alone after this. */
const PATIENCE_MS = 4000;
const LOOPBACK = '127.0.0.1';

const ALL = { ...CORPUS, ...SIBLINGS };
const SIBLING_LINES = Object.keys(SIBLINGS).map((id) => ({
  id,
  what: 'a sibling',
  chromium: NOT_SHOWN.includes(id) ? 'nothing' : 'shows it',
}));

const room = mkdtempSync(join(tmpdir(), 'browser-truth-'));

/** A home whose certificate store trusts the authority of the corpus. */
const makeHome = (): string => {
  const home = join(room, 'home');
  const store = `sql:${home}/.pki/nssdb`;
  mkdirSync(join(home, '.pki/nssdb'), { recursive: true });
  writeFileSync(join(room, 'authority.pem'), trusted());
  execFileSync('certutil', ['-N', '--empty-password', '-d', store]);
  execFileSync('certutil', [
    '-A',
    '-d',
    store,
    '-n',
    'truth',
    '-t',
    'C,,',
    '-i',
    join(room, 'authority.pem'),
  ]);
  return home;
};
const home = makeHome();

/** A Chromium for which all names but one lie at this address. */
const openAt = (address: string): Promise<Visitor> => {
  const names = `MAP ${ABSENT} ~NOTFOUND, MAP *.test ${address}, MAP *.test. ${address}`;
  const flags = [`--host-resolver-rules=${names}`, '--disable-quic'];
  const profile = mkdtempSync(join(room, 'profile-'));
  return startChromium(profile, {
    on: (command, ...args) => ['env', [`HOME=${home}`, command, ...args]],
    flags,
    patienceMs: PATIENCE_MS,
  });
};

/** What Chromium shows of a line: text, or why there is none. */
const visit = async ({ id }: Pick<Line, 'id'>, shared: Visitor): Promise<string> => {
  const one = ALL[id] as (typeof ALL)[string];
  const server = await serveCase(one);
  const visitor = server.address === LOOPBACK ? shared : await openAt(server.address);
  const url = `${one.scheme ?? 'http'}://${one.host ?? HOST}:${server.port}/`;
  const seen = await visitor.visit(url);
  if (visitor !== shared) await visitor.stop();
  await server.close();
  return seen;
};

const asked = process.argv.slice(2);
const siblings = SIBLING_LINES.filter(({ id }) => asked.some((each) => each === 'siblings' || each === id));
const lines = siblings.length > 0 ? siblings : chosen(asked);
const shared = await openAt(LOOPBACK);
let differing = 0;
for (const line of lines) {
  const seen = await visit(line, shared);
  const shows = seen.includes(ALL[line.id]?.wanted ?? TEXT);
  if (shows === /^shows (?:it|the text)\b/.test(line.chromium)) continue;
  differing += 1;
  console.log(
    `${line.id} (${line.what}): the table says "${line.chromium}", received ${JSON.stringify(seen.slice(0, 100))}`,
  );
}
await shared.stop();
rmSync(room, { recursive: true, force: true });
console.log(`${lines.length} visited, ${differing} differ`);
// Connections of a Chromium that was killed may still be on their way out.
process.exit(0);
