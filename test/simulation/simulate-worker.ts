import { run } from './run.ts';
import { planOf } from './world/plan.ts';
import type { Plan } from './world/plan-shape.ts';

// One of the processes that `simulate.ts` starts: it is sent seeds with the lever, runs their worlds, and answers what came of each.

process.on('message', ({ seed, lever }: Pick<Plan, 'seed' | 'lever'>) => {
  void run(planOf(seed, lever)).then(({ trace: _, ...answer }) => process.send?.(answer));
});
process.on('disconnect', () => process.exit());
