import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { ConfigError, loadConfig, readConfig } from '../../../../lib/config/index.ts';
import { config } from './fixture.ts';

const directory = mkdtempSync(join(tmpdir(), 'switchover-config-'));
after(() => rmSync(directory, { recursive: true }));

const root = join(import.meta.dirname, '../../../..');
const door = pathToFileURL(join(root, 'lib/config/index.ts')).href;

/** Modules are loaded once for each path, so every test writes a file of its own. */
const write = (name: string, text: string): string => {
  const file = join(directory, name);
  writeFileSync(file, text);
  return file;
};

const messageOf = async (file: string): Promise<string> => {
  const error = await loadConfig(file).then(
    () => assert.fail('the file was accepted'),
    (reason: unknown) => reason,
  );
  assert.ok(error instanceof ConfigError, String(error));
  assert.deepEqual(error.message.split('\n')[0], `${file} has a problem:`);
  return error.message;
};

test('a .json file is loaded, with or without a byte order mark', async () => {
  const text = JSON.stringify(config({ deployment: 'from-json' }));
  assert.equal((await loadConfig(write('plain.json', text))).config.deployment, 'from-json');
  assert.equal((await loadConfig(write('marked.json', `\uFEFF${text}`))).config.deployment, 'from-json');
});

test('a .ts file is loaded: a plain object, typed code, or defineConfig', async () => {
  const object = JSON.stringify(config({ deployment: 'from-ts' }));
  const texts = [
    `export default ${object};`,
    `const vantages: string[] = ['eu-west-1', 'eu-west-2', 'eu-west-3'];\nexport default { ...${object}, vantages };`,
    `import { defineConfig } from '${door}';\nexport default defineConfig(${object});`,
  ];
  for (const [index, text] of texts.entries()) {
    assert.equal((await loadConfig(write(`module-${index}.ts`, text))).config.deployment, 'from-ts');
  }
});

test('the path given wins over SWITCHOVER_CONFIG, and that over the shipped file', async (t) => {
  const before = process.env.SWITCHOVER_CONFIG;
  t.after(() => {
    if (before === undefined) delete process.env.SWITCHOVER_CONFIG;
    else process.env.SWITCHOVER_CONFIG = before;
  });
  const given = write('given.json', JSON.stringify(config({ deployment: 'given' })));
  process.env.SWITCHOVER_CONFIG = write(
    'environment.json',
    JSON.stringify(config({ deployment: 'environment' })),
  );
  assert.equal((await loadConfig(given)).config.deployment, 'given');
  assert.equal((await loadConfig()).config.deployment, 'environment');
  process.env.SWITCHOVER_CONFIG = '';
  assert.equal((await loadConfig()).config.deployment, 'main');
});

test('the shipped file has no problems and no warnings, and shows the defaults in its comments', async () => {
  const file = join(root, 'switchover.config.ts');
  const shipped = await loadConfig(file);
  assert.deepEqual(shipped.warnings, []);
  const text = readFileSync(file, 'utf8').replace('./lib/config/index.ts', door);
  const shown = text.replace(/^( +)\/\/ (?=\w+: )/gm, '$1');
  assert.ok(shown.split('\n').filter((line, index) => line !== text.split('\n')[index]).length >= 13);
  assert.deepEqual(await loadConfig(write('shown.ts', shown)), shipped);
});

test('a file that is not there, or is none, is named with the way out', async () => {
  assert.match(await messageOf(join(directory, 'absent.ts')), /found nothing; name the file with --config/);
  assert.match(await messageOf(join(directory, 'plain.json', 'x.json')), /found nothing/);
  assert.match(await messageOf(write('config.yaml', 'a: 1')), /ends in \.ts or \.json; rename it/);
  assert.match(await messageOf(directory), /ends in \.ts or \.json/);
});

test('a file that cannot be parsed is refused with the place', async () => {
  const json = await messageOf(write('comma.json', '{\n  "deployment": "main",\n}'));
  assert.match(json, /cannot be parsed: .*line 3 column 1.*no trailing commas/);
  const ts = await messageOf(write('colon.ts', "export default {\n  deployment: : 'main',\n};\n"));
  assert.match(ts, /SyntaxError: .*; correct it there\.\n.*colon\.ts:2\n/s);
  assert.match(ts, /deployment: : 'main'/);
  const enumeration = await messageOf(write('enum.ts', 'enum A { b }\nexport default { a: A.b };\n'));
  assert.match(enumeration, /enum is not supported.*enum\.ts:1/s);
});

test('a file that does not run, or exports nothing, is refused with the reason', async () => {
  const thrown = await messageOf(write('throws.ts', '\nexport default { deployment: absent };\n'));
  assert.match(thrown, /ReferenceError: absent is not defined \(line 2\)/);
  assert.match(
    await messageOf(write('import.ts', "import a from './nowhere.ts';\nexport default a;\n")),
    /nowhere\.ts/,
  );
  assert.match(await messageOf(write('text.ts', "throw 'enough';\n")), /it threw enough/);
  assert.match(await messageOf(write('empty.ts', 'export {};\n')), /a default export, found no export/);
  assert.match(
    await messageOf(write('named.ts', 'export const config = {};\n')),
    /found only config; write export default/,
  );
  // Without any import or export Node takes it for CommonJS, whose default is an empty object.
  assert.match(
    await messageOf(write('silent.ts', "const config = { deployment: 'main' };\nvoid config;\n")),
    /a default export, found no export; write export default/,
  );
});

test('problems of the configuration name the file', async () => {
  const file = write('bad.json', JSON.stringify(config({ homeRegion: 'London' })));
  assert.match(await messageOf(file), /homeRegion: Expected an AWS region/);
});

test('a TypeScript configuration imports this package where it is not installed, and another one that is not is told', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'switchover-lonely-'));
  try {
    const lonely = join(folder, 'switchover.config.ts');
    writeFileSync(
      lonely,
      "import { defineConfig } from 'switchover/config';\nexport default defineConfig({ deployment: 'lonely' } as never);\n",
    );
    assert.deepEqual((await readConfig(lonely)).input, { deployment: 'lonely' });
    const wrong = join(folder, 'wrong.config.ts');
    writeFileSync(wrong, "import 'switchover-of-others';\nexport default {};\n");
    await assert.rejects(readConfig(wrong), /switchover-of-others/);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
