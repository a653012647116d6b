import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcement } from '../../../lambda/core/announcement.ts';
import { digest, emptyDeployment, tellVantages } from '../../../lambda/core/deployment.ts';
import { virtualConfig, virtualSite } from '../../virtual/world.ts';

const NAMES = ['www', 'shop', 'api'];
const config = virtualConfig(NAMES.map((name) => virtualSite(name)));
const owed = NAMES.map((name) =>
  announcement({
    site: name,
    incident: `${name}-1`,
    kind: 'failover',
    words: { subject: `${name} moved`, text: `all about ${name}` },
    atMs: 0,
  }),
);

test('one message about many sites has the subject of each, and the whole text of the first', () => {
  const { subject, text } = digest(owed, config);
  assert.match(subject, /failover at 3 sites of main at once/);
  for (const each of owed) assert.ok(text.includes(each.subject), `${text} lacks ${each.subject}`);
  assert.ok(text.includes('all about www'));
});

test('a vantage that is blind to its references is told so, with what to look at', () => {
  const why = 'refused';
  const told = (code: string) => {
    const now = { blind: new Map([['eu-west-1', { rounds: 2, code, why }]]), sees: [], nowMs: 0 };
    const all = virtualConfig([virtualSite('www')], { references: ['https://www.example.org/'] });
    const { owed, blindFor } = tellVantages(emptyDeployment(), now, all);
    assert.deepEqual(blindFor, { 'eu-west-1': why });
    return owed[0]?.text ?? '';
  };
  const references = told('unreferenced');
  assert.match(
    references,
    /Look at `references` .*https:\/\/www\.example\.org\/.*none of them answers eu-west-1/,
  );
  assert.doesNotMatch(references, /function/);
  assert.match(told('vantage-blind'), /See whether the function main-prober exists/);
});
