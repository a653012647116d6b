#!/usr/bin/env node
/** The door of the gate's own package: `switchover-gate --site SITE ...`, which is `switchover gate --site SITE ...` and nothing more. */
import './node-version.cjs';
import { gate } from './commands/gate.ts';
import { runAs } from './own-door.ts';

process.exitCode = await runAs('switchover-gate', 'gate', gate);
