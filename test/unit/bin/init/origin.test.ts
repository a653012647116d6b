import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { filesFor, installFor } from '../../../../bin/init/files.ts';
import { mainDependency, TARBALL } from '../../../../bin/init/origin.ts';
import { planFor } from '../../../../bin/init/plan.ts';
import { IS_PUBLISHED, PACKAGES } from '../../../../lib/packages.ts';
import { version } from '../../../../lib/place.ts';
import { temporaryDirectory } from '../../lib/fixture.ts';

/** A folder into which npm installed a package of ours, as npm notes it. */
const installed = (name: string, resolved: string): { root: string; top: string } => {
  const root = temporaryDirectory();
  const top = join(root, 'host', 'node_modules', name);
  mkdirSync(top, { recursive: true });
  const packages = { [`node_modules/${name}`]: { version: version(), resolved } };
  writeFileSync(join(root, 'host', 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
  return { root, top };
};

const dependency = ({ root, top }: { root: string; top: string }, isBuilt = true, isPublished = false) =>
  mainDependency(join(root, 'shop'), { top, isBuilt, isPublished });

describe('the dependency of a new project', () => {
  test('is the file that this package was installed from', () => {
    const main = installed(PACKAGES.main, 'file:../packed/any-name.tgz');
    assert.equal(dependency(main), undefined, 'a file that is gone is nobody');
    mkdirSync(join(main.root, 'packed'));
    writeFileSync(join(main.root, 'packed/any-name.tgz'), '');
    assert.equal(dependency(main), 'file:../packed/any-name.tgz');
  });

  test('is the file that lies beside that of the maker of projects', () => {
    const maker = installed(PACKAGES.create, 'file:../create.tgz');
    assert.equal(dependency(maker), undefined);
    writeFileSync(join(maker.root, TARBALL), '');
    assert.equal(dependency(maker), `file:../${TARBALL}`);
  });

  test('is the address that this package was installed from, and not that of the maker', () => {
    const url = 'https://packages.shop.test/switchover.tgz';
    assert.equal(dependency(installed(PACKAGES.main, url)), url);
    assert.equal(dependency(installed(PACKAGES.create, url)), undefined);
  });

  test('is a file that was packed into the repository, or the built package itself', () => {
    const root = temporaryDirectory();
    assert.equal(dependency({ root, top: root }, false), undefined);
    writeFileSync(join(root, TARBALL), '');
    assert.equal(dependency({ root, top: root }, false), `file:../${TARBALL}`);
    assert.equal(dependency({ root, top: join(root, 'dist/main') }), 'file:../dist/main');
    assert.equal(dependency({ root, top: join(root, 'dist/create') }), undefined);
  });

  test("is a version only where the names are the publisher's", () => {
    const own = installed(PACKAGES.main, 'file:../gone.tgz');
    assert.equal(dependency(own, true, true), `^${version()}`);
    assert.equal(
      IS_PUBLISHED,
      PACKAGES.main.startsWith('@'),
      'set IS_PUBLISHED, and this line, once they are',
    );
  });
});

test('no written file and no command tells npm to fetch a name that is not ours', () => {
  const plan = planFor({
    url: 'https://www.shop.test/',
    primary: '192.0.2.10',
    standby: '198.51.100.20',
    zone: 'dyn.shop.test',
    email: 'ops@shop.test',
    region: 'eu-west-2',
    budget: '5',
  });
  const files = filesFor(plan, '/shop', undefined);
  const { dependencies } = JSON.parse(files['package.json'] ?? '');
  assert.deepEqual(Object.keys(dependencies), ['aws-cdk', 'aws-cdk-lib', 'constructs']);
  assert.match(files['README.md'] ?? '', /^npm install FILE$/m);
  assert.match(files['README.md'] ?? '', /FILE is the path of switchover-/);
  const known = filesFor(plan, '/shop', 'file:../switchover.tgz');
  assert.equal(JSON.parse(known['package.json'] ?? '').dependencies[PACKAGES.main], 'file:../switchover.tgz');
  assert.match(known['README.md'] ?? '', /^npm install$/m);
  assert.equal(installFor(undefined), 'npm install FILE');
  for (const text of Object.values(files))
    assert.doesNotMatch(text, /\bnpx\b|npm (install|i|add|create|init) (create-)?switchover/);
});
