import assert from 'node:assert/strict';
import { test } from 'node:test';
import { disclosed } from '../../../../../lambda/core/site/site.ts';
import { config, site } from '../../../lib/fixture.ts';

test('what is shown of a configuration has no header, body or authority in it, and tells others apart', () => {
  const withSecret = (secret: string) => {
    const one = site('www.dyn.example.co.uk', 'dyn.example.co.uk');
    const probe = { ...one.probe, headers: { 'x-key': secret }, body: secret, ca: secret };
    return config({ sites: [{ ...one, probe: { ...probe, secretHeaders: { 'x-key2': '/shop/key' } } }] });
  };
  const shown = disclosed(withSecret('hunter2')).sites[0]?.probe;
  assert.doesNotMatch(JSON.stringify(shown), /hunter2/);
  assert.deepEqual(shown?.secretHeaders, { 'x-key2': '/shop/key' });
  for (const text of [shown?.headers['x-key'], shown?.body, shown?.ca])
    assert.match(text ?? '', /^fingerprint [0-9a-f]{8}$/);
  assert.notDeepEqual(disclosed(withSecret('hunter3')).sites[0]?.probe, shown);
});
