import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toldWithPages, withPages } from '../../../bin/pages.ts';

const TEXT = 'Choose a page that answers 200 (docs/probes.md), or see docs/first-deployment.md.';

test('a package names pages by the address of its repository', () => {
  const wanted =
    'Choose a page that answers 200 (https://host.test/shop/it/blob/HEAD/docs/probes.md), or see https://host.test/shop/it/blob/HEAD/docs/first-deployment.md.';
  for (const url of ['git+https://host.test/shop/it.git', 'https://host.test/shop/it'])
    assert.equal(withPages(TEXT, { url }), wanted);
  assert.equal(withPages(wanted, 'https://host.test/shop/it'), wanted, 'an address stays as it is');
});

test('without an address it says where the pages are', () => {
  assert.equal(
    withPages(TEXT, undefined),
    'Choose a page that answers 200 (docs/probes.md in the repository), or see docs/first-deployment.md in the repository.',
  );
});

test('in the repository a page is where it is said to be', () => assert.equal(toldWithPages(TEXT), TEXT));
