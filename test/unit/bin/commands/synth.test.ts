import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { main } from '../../../../bin/main.ts';
import { temporaryDirectory } from '../../lib/fixture.ts';

const ROLE = 'arn:aws:iam::111122223333:role/switchover-main';
const CONFIG = {
  ...{ deployment: 'main', homeRegion: 'eu-west-2', vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'] },
  zones: [{ name: 'dyn.shop.test', id: 'Z0ABROAD', account: { roleArn: ROLE, externalId: 'main' } }],
  sites: [
    {
      name: 'www.dyn.shop.test',
      servers: [
        { name: 'primary', ipv4: ['192.0.9.10'] },
        { name: 'standby', ipv4: ['192.0.9.20'] },
      ],
      probe: { url: 'https://www.shop.test/' },
    },
  ],
};

test('templates for two accounts say which one is made where, and what it is to be told', async () => {
  const home = temporaryDirectory();
  const [file, directory] = [join(home, 'config.json'), join(home, 'templates')];
  writeFileSync(file, JSON.stringify(CONFIG));
  const said: string[] = [];
  const code = await main(['synth', '--template', directory, '--config', file], {
    screen: { colour: false, width: Number.POSITIVE_INFINITY },
    progress: (_what, work) => work,
    out: (part) => void said.push(part),
    err: (part) => void said.push(part),
  });
  assert.equal(code, 0, said.join(''));
  const readme = readFileSync(join(directory, 'README.md'), 'utf8');
  assert.match(
    readme,
    /\| main-zone-roles-111122223333 \| 111122223333 \| eu-west-2 \| 1-main-zone-roles-111122223333\.template\.json \| SwitchoverAccount \|/,
  );
  assert.match(
    readme,
    /\| main-control \| yours \| eu-west-2 \| \d-main-control\.template\.json \| CodeBucket \|/,
  );
  assert.match(readme, /--stack-name main-zone-roles-111122223333 .*\\\n.*"SwitchoverAccount=\$ACCOUNT"\n/);
  const template = readFileSync(join(directory, '1-main-zone-roles-111122223333.template.json'), 'utf8');
  assert.match(template, /"SwitchoverAccount"/);
  assert.doesNotMatch(template, /Bootstrap/);
});

test('templates of the example say that it is one, beside the templates, too', async () => {
  const directory = join(temporaryDirectory(), 'templates');
  const said: string[] = [];
  const code = await main(['synth', '--template', directory, '--config', 'switchover.config.ts'], {
    screen: { colour: false, width: Number.POSITIVE_INFINITY },
    progress: (_what, work) => work,
    out: (part) => void said.push(part),
    err: (part) => void said.push(part),
  });
  assert.equal(code, 0);
  const told = /This is still the example: edit .*switchover\.config\.ts\./;
  assert.match(said.join(''), told);
  assert.match(readFileSync(join(directory, 'README.md'), 'utf8'), told);
});
