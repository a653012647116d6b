import { run } from './run.ts';
import { planOf } from './world/plan.ts';

// One of the processes that `simulate.ts` starts: it is sent seeds, runs their worlds, and answers what came of each.

process.on('message', (seed: number) => {
  void run(planOf(seed)).then(({ trace: _, ...answer }) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
