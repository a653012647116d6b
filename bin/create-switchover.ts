#!/usr/bin/env node
/** The door of the package that `npm create` runs: `create-switchover [DIR]`, which is `switchover init [DIR]` and nothing more. */
import './node-version.cjs';
import { init } from './commands/init.ts';
import { runAs } from './own-door.ts';

process.exitCode = await runAs('create-switchover', 'init', init);
