import assert from 'node:assert/strict';
import { test } from 'node:test';
import { announcement } from '../../../lambda/core/announcement.ts';
import { digest } from '../../../lambda/core/deployment.ts';
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
