/**
 * The test runner follows every promise of its thread, to say which test it was that failed after its end. A world in virtual time makes
 * millions of promises, and takes twice the time then. So `npm test` loads this first: what fails after a test's end still fails its
 * file, and is told without the name of the test. `node --test FILE` alone tells the name, too.
 */
const hooks = require('node:async_hooks');
const { readFileSync } = require('node:fs');

const nothing = { enable: () => nothing, disable: () => nothing };
// Without it the runner takes a file's tests one after the other, also where the file asks for some at once.
const asksForSome = (file) => file !== undefined && readFileSync(file, 'utf8').includes('concurrency:');
if (!asksForSome(process.argv[1])) hooks.createHook = () => nothing;
