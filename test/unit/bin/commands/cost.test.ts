import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { readArguments } from '../../../../bin/arguments.ts';
import { cost } from '../../../../bin/commands/cost.ts';
import { loadConfig } from '../../../../lib/config/index.ts';
import { type Bill, billOf, visitorsOf } from '../../../../lib/cost/model.ts';
import { temporaryDirectory } from '../../lib/fixture.ts';

const file = join(temporaryDirectory(), 'cost.json');
const site = {
  name: 'www.dyn.example.net',
  servers: [
    { name: 'primary', ipv4: ['203.0.113.10'] },
    { name: 'standby', ipv4: ['198.51.100.20'] },
  ],
  probe: { url: 'https://www.dyn.example.net/' },
};
const rest = {
  deployment: 'shop',
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
};
writeFileSync(file, JSON.stringify({ ...rest, zones: [{ name: 'dyn.example.net' }], sites: [site] }));

test('cost tells the bill of the configuration, line by line, and where to read on', async () => {
  const given = readArguments(['cost', '--config', file, '--json'], 0);
  assert.ok('command' in given);
  const screen = { colour: false, width: Number.POSITIVE_INFINITY };
  const { ok, text, answer } = await cost(given, { screen, progress: (_what, work) => work });
  const { config } = await loadConfig(file);
  const bill = billOf(config);
  assert.equal(ok, true);
  assert.match(text, /^shop, with 1 site, costs \$0\.80 a month while all is well, or \$8\.8\d where/);
  assert.match(text, /^GB-seconds of Lambda, arm64 +353,\d{3} +\$0\.00 +\$4\.71$/m);
  assert.match(text, /^sum +\$0\.80 +\$8\.8\d$/m);
  assert.match(text, /audience of each site: small \$0\.\d\d, medium \$[\d.]+, large \$[\d.]+\.$/m);
  assert.match(text, /docs\/cost\.md/);
  const told = answer as Bill & { visitors: unknown };
  assert.deepEqual(
    { lines: told.lines, dollars: told.dollars },
    { lines: bill.lines, dollars: bill.dollars },
  );
  assert.deepEqual(told.visitors, visitorsOf(config));
});

test('cost is about the whole deployment', () => {
  assert.throws(() => readArguments(['cost', 'www.example.com'], 0), /cost is about all sites/);
});
