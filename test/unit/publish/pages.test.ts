import assert from 'node:assert/strict';
import { test } from 'node:test';
import { refuseWithoutPages, withPages } from '../../../publish/pages.ts';

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

test('what is said once is not said twice', () => {
  const once = withPages(TEXT, undefined);
  assert.equal(withPages(once, undefined), once);
});

test('what anybody can fetch has to name its repository, so that its pages are found', () => {
  for (const repository of [undefined, 'git@host.test:shop/it.git'])
    assert.throws(
      () => refuseWithoutPages(true, repository),
      /^Error: Expected `repository` in package\.json/,
    );
  refuseWithoutPages(true, 'https://host.test/shop/it');
  refuseWithoutPages(false, undefined);
});
