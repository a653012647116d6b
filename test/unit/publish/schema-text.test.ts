import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import server, { type MarkupContent } from 'vscode-json-languageservice';
import { loadConfig } from '../../../lib/config/index.ts';
import { KEYS } from '../../../lib/config/schema.ts';
import { schemaText } from '../../../publish/schema-text.ts';
import shipped from '../../../switchover.config.ts';
import { temporaryDirectory } from '../lib/fixture.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SCHEMA = 'file:///switchover.schema.json';

/** The language server of editors, with our schema for every file of JSON. */
const { getLanguageService, TextDocument } = server;
const service = getLanguageService({ schemaRequestService: async () => schemaText() });
service.configure({ schemas: [{ uri: SCHEMA, fileMatch: ['*.json'] }] });

/** A document; `|` marks where somebody types. */
const opened = (text: string) => {
  const document = TextDocument.create('file:///a.json', 'json', 1, text.replace('|', ''));
  return { document, json: service.parseJSONDocument(document), at: document.positionAt(text.indexOf('|')) };
};

const said = (about: string | MarkupContent | undefined): string =>
  typeof about === 'string' ? about : (about?.value ?? '');

const completions = async (text: string): Promise<Map<string, string>> => {
  const { document, json, at } = opened(text);
  const items = (await service.doComplete(document, at, json))?.items ?? [];
  return new Map(items.map(({ label, documentation }) => [String(label), said(documentation)]));
};

const problems = async (value: unknown): Promise<string[]> => {
  const { document, json } = opened(JSON.stringify(value));
  return (await service.doValidation(document, json)).map(({ message }) => said(message));
};

test('the file is that of the schema: write it by `npm run schema`', () => {
  assert.equal(readFileSync(join(ROOT, 'switchover.schema.json'), 'utf8'), schemaText());
});

type Node = { properties?: Record<string, Node>; description?: string };

/** The paths of all fields, at any depth, of which nothing is said. */
const unexplained = (node: unknown, path: string): string[] =>
  typeof node !== 'object' || node === null
    ? []
    : [
        ...Object.entries((node as Node).properties ?? {}).flatMap(([name, { description = '' }]) =>
          /\w/.test(description) ? [] : [`${path}/${name}`],
        ),
        ...Object.entries(node).flatMap(([name, inner]) => unexplained(inner, `${path}/${name}`)),
      ];

test('something is said of every field, however deep it lies', () => {
  assert.deepEqual(unexplained(JSON.parse(schemaText()), ''), []);
});

describe('in an editor', () => {
  test('every field is offered where it belongs, with what the types say of it', async () => {
    const places: [holder: string, text: string][] = [
      ['', '{ | }'],
      ['zones', '{ "zones": [{ | }] }'],
      ['sites', '{ "sites": [{ | }] }'],
      ['defaults', '{ "defaults": { | } }'],
      ['servers', '{ "sites": [{ "servers": [{ | }] }] }'],
      ['probe', '{ "sites": [{ "probe": { | } }] }'],
      ['readdress', '{ "sites": [{ "readdress": { | } }] }'],
      ['dual', '{ "sites": [{ "dual": { | } }] }'],
    ];
    for (const [holder, text] of places) {
      const offered = await completions(text);
      const wanted = KEYS[holder] ?? [];
      assert.deepEqual(
        [...offered.keys()].filter((key) => key !== '$schema').sort(),
        [...wanted].sort(),
        holder,
      );
      for (const key of wanted)
        assert.match(offered.get(key) ?? '', /\w/, `nothing is said of ${holder}.${key}`);
    }
  });

  test('values are offered where there are few', async () => {
    assert.deepEqual([...(await completions('{ "sites": [{ "lever": | }] }')).keys()].sort(), [
      '"dual"',
      '"readdress"',
      '"record"',
    ]);
  });

  test('a good configuration has no problem, and a slip of the hand has one', async () => {
    assert.deepEqual(await problems(shipped), []);
    assert.deepEqual(
      await problems(JSON.parse(readFileSync(join(ROOT, 'examples/local.config.json'), 'utf8'))),
      [],
    );
    assert.deepEqual(await problems({ ...shipped, intervalSecond: 10 }), [
      'Property intervalSecond is not allowed.',
    ]);
    assert.equal((await problems({ ...shipped, homeRegion: 5 })).length, 1);
    const [site] = shipped.sites ?? [];
    assert.deepEqual(
      await problems({ ...shipped, sites: [{ ...site, probe: { ...site?.probe, method: 'head' } }] }),
      [],
    );
  });
});

test('a file may name its schema, and any other key is refused as ever', async () => {
  const write = (more: object): string => {
    const file = join(temporaryDirectory(), 'switchover.config.json');
    writeFileSync(file, JSON.stringify({ ...more, ...shipped }));
    return file;
  };
  await loadConfig(write({ $schema: './node_modules/switchover/switchover.schema.json' }));
  await assert.rejects(loadConfig(write({ $other: 'a' })), /Expected a known key, received "\$other"/);
});
