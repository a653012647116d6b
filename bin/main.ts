import type { Given } from './arguments.ts';
import { isOrder } from './grammar.ts';
import type { Command } from './result.ts';
import { type Io, run } from './run.ts';

/** Carries out a command line of `switchover`; answers the exit code. */
export const main = (args: string[], io: Io): Promise<0 | 1 | 2 | 3> => run(args, io, commandFor);

/** Each is loaded when it is wanted: an order waits for no prober code, and works without it. */
const commandFor = async ({ command }: Given): Promise<Command> => {
  if (command === 'status') return (await import('./commands/status.ts')).status;
  if (isOrder(command)) return (await import('./commands/order.ts')).order;
  if (command === 'check') return (await import('./commands/check.ts')).check;
  if (command === 'page') return (await import('./commands/page.ts')).page;
  if (command === 'gate') return (await import('./commands/gate.ts')).gate;
  if (command === 'probe') return (await import('./commands/probe.ts')).probe;
  if (command === 'demo-server') return (await import('./commands/demo-server.ts')).demoServer;
  if (command === 'diff') return (await import('./commands/diff.ts')).diff;
  if (command === 'forecast') return (await import('./commands/forecast.ts')).forecast;
  if (command === 'cost') return (await import('./commands/cost.ts')).cost;
  if (command === 'synth') return (await import('./commands/synth.ts')).synth;
  if (command === 'init') return (await import('./commands/init.ts')).init;
  if (command === 'completion') return (await import('./commands/completion.ts')).completion;
  const { history, explain } = await import('./commands/look.ts');
  return command === 'history' ? history : explain;
};
