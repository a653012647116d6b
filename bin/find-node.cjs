// Runs on any Node, before each npm script that needs Node 24. The packages of all platforms call their program `node`, and
// npm 10 then links none of them where scripts look for it, so the link is made here.
const { existsSync, mkdirSync, symlinkSync } = require('node:fs');
const { dirname, join, relative } = require('node:path');

const MODULES = join(__dirname, '..', 'node_modules');
const LINK = join(MODULES, '.bin', 'node');

/** The program of Node 24 that npm installed for this machine; undefined where npm has none, or was told to leave it out. */
const installed = () => {
  const machine = `${process.platform}-${process.arch}`;
  for (const name of [`node-${machine}`, `node-bin-${machine}`]) {
    const manifest = join(MODULES, name, 'package.json');
    if (existsSync(manifest)) return join(dirname(manifest), require(manifest).bin.node);
  }
  return undefined;
};

if (!existsSync(LINK)) {
  const program = installed();
  if (program === undefined) require('./node-version.cjs');
  else {
    mkdirSync(dirname(LINK), { recursive: true });
    try {
      symlinkSync(relative(dirname(LINK), program), LINK);
    } catch (error) {
      // Another script was quicker.
      if (error.code !== 'EEXIST') throw error;
    }
  }
}
