#!/usr/bin/env node
/** The door of the gate's own package: `switchover-gate --site SITE ...`, which is `switchover gate --site SITE ...` and nothing more. */
import './node-version.cjs';
import { CALLED } from '../lib/place.ts';
import { gate } from './commands/gate.ts';
import { run } from './run.ts';
import { openTerminal } from './terminal.ts';

const { out, err, ...terminal } = openTerminal();
const own = (text: string): string => text.replaceAll(`${CALLED} gate`, 'switchover-gate');

const args = process.argv.slice(2);
const asGate = ['--version', '-v', 'version'].includes(args[0] ?? '') ? ['version'] : ['gate', ...args];

process.exitCode = await run(
  asGate,
  { ...terminal, out: (text) => out(own(text)), err: (text) => err(own(text)) },
  async () => gate,
);
