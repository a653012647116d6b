import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDirectory } from '../lib/fixture.ts';

const siteIn = (zone: string) => ({
  name: `www.${zone}`,
  servers: [
    { name: 'primary', ipv4: ['203.0.113.10'] },
    { name: 'standby', ipv4: ['198.51.100.20'] },
  ],
  probe: { url: `https://www.${zone}/healthz` },
});

/** Runs the app as the CDK command line does, with this configuration. */
const synthesize = async (written: object, prepare = (_outdir: string) => {}) => {
  const directory = temporaryDirectory();
  const outdir = join(directory, 'assembly');
  prepare(outdir);
  const file = join(directory, 'switchover.json');
  writeFileSync(file, JSON.stringify(written));
  const app = spawn(process.execPath, ['bin/app.ts'], {
    env: { ...process.env, SWITCHOVER_CONFIG: file, CDK_OUTDIR: outdir },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
  let said = '';
  app.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const [code] = await once(app, 'close');
  return { code, said, outdir };
};

const WELL = {
  deployment: 'main',
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1'],
  zones: [{ name: 'dyn.example.co.uk' }],
  alerts: { emails: ['ops@example.co.uk'] },
  sites: [siteIn('dyn.example.co.uk')],
};

test('a bad configuration is refused in its own words, without a trace, and nothing is written', async () => {
  const { code, said, outdir } = await synthesize({ ...WELL, vantages: [] });
  assert.equal(code, 1);
  assert.match(said, /vantages/);
  assert.doesNotMatch(said, /^\s+at /m);
  assert.ok(!existsSync(outdir));
});

test('that it is still the example cannot be missed', async () => {
  const { code, said, outdir } = await synthesize(WELL);
  assert.equal(code, 0);
  assert.match(
    said,
    /^\*{78}\n\* This is still the example: edit switchover\.json\.[\s\S]*not be deployed\.\n\*{78}$/m,
  );
  assert.ok(existsSync(join(outdir, 'main-control.template.json')));
});

test('warnings are said, and what only synthesis can refuse is said without a trace, too', async () => {
  const names = Array.from({ length: 120 }, (_, i) => `z${i}.example.org`);
  const { code, said } = await synthesize({
    ...WELL,
    zones: names.map((name, i) => ({ name, id: `Z00000000000000000${i}` })),
    sites: names.map(siteIn),
  });
  assert.equal(code, 1);
  assert.match(said, /^Warning: `vantages` has 2/m);
  assert.match(said, /there are too many of them\. Give some of the zones/);
  assert.doesNotMatch(said, /^\s+at /m);
});

test('a disk that is full midway is told in one sentence', {
  skip: process.platform !== 'linux',
}, async () => {
  const { code, said } = await synthesize({ ...WELL, local: true }, (outdir) => {
    mkdirSync(outdir);
    // Takes every write for one that no longer fits on the disk.
    symlinkSync('/dev/full', join(outdir, 'main-control.assets.json'));
  });
  assert.equal(code, 1);
  assert.equal(
    said.replace(/^Warning: .*\n/gm, ''),
    'Cannot write the stacks and their bundles: the disk is full; make room there (ENOSPC).\n',
  );
});
