/**
 * Which permissions the functions have and use: `npm run permissions` plays a small life of a deployment in the local cloud and
 * says, for each function, what is granted and never used and what is used and refused; it ends with 1 unless both are empty.
 * With SWITCHOVER_PERMISSIONS=FILE it adds to what other runs of the local cloud noted there, and sums up all of it.
 * `npm run permissions -- FILE` plays nothing and sums up that file.
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PERMISSIONS_FILE, type PermissionLine } from '../../local/permissions.ts';
import { exercise } from './exercise.ts';
import { REASONS } from './reasons.ts';
import { findingsOf, reportText } from './report.ts';

const [, , given] = process.argv;
const home = mkdtempSync(join(tmpdir(), 'switchover-permissions-'));
const file = given ?? process.env[PERMISSIONS_FILE] ?? join(home, 'permissions.jsonl');
try {
  if (given === undefined) {
    process.env[PERMISSIONS_FILE] = file;
    await exercise();
  }
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  const findings = findingsOf(
    lines.map((line) => JSON.parse(line) as PermissionLine),
    REASONS,
  );
  const { ok, text } = reportText(findings, REASONS);
  console.log(text);
  process.exitCode = ok ? 0 : 1;
} finally {
  rmSync(home, { recursive: true, force: true });
}
