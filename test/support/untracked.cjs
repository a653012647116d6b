/**
 * The test runner follows every promise of its thread, to say which test it was that failed after its end. A world in virtual time makes
 * millions of promises, and takes twice the time then. So `npm test` loads this first: what fails after a test's end still fails its
 * file, and is told without the name of the test. `node --test FILE` alone tells the name, too.
 */
const hooks = require('node:async_hooks');

const nothing = { enable: () => nothing, disable: () => nothing };
// Without it tests of one file run one after the other, and those of the prober wait for servers side by side.
if (!/\bprober\b/.test(process.argv[1] ?? '')) hooks.createHook = () => nothing;
