import { type Result, run } from './run.ts';
import type { Plan } from './world/plan-shape.ts';

/** Worlds that may be run to find the shortest one. */
const RUNS = 400;

/** The plan with some of its episodes only. The others never happen; everything else is as it was. */
export const only = (plan: Plan, ids: readonly number[]): Plan => ({
  ...plan,
  episodes: plan.episodes.filter(({ id }) => ids.includes(id)),
});

/**
 * The fewest episodes with which the world still breaks the same invariant: ever smaller parts of them are left out, as long as
 * it does.
 */
export const shrink = async (
  plan: Plan,
  found: Result,
  runWorld: (plan: Plan) => Promise<Result> = run,
): Promise<{ plan: Plan; result: Result }> => {
  const broken = found.violations[0]?.invariant;
  const lastMs = Math.max(...found.violations.map(({ atMs }) => atMs));
  let shortest = { plan, result: found };
  let runs = 0;
  const attempt = async (ids: number[]): Promise<boolean> => {
    runs += 1;
    const smaller = only(plan, ids);
    const result = await runWorld(smaller);
    if (result.violations[0]?.invariant !== broken) return false;
    shortest = { plan: smaller, result };
    return true;
  };
  const idsNow = () => shortest.plan.episodes.map(({ id }) => id);
  // What would have begun after the violation has no part in it.
  await attempt(idsNow().filter((id) => (plan.episodes[id]?.fromMs ?? 0) <= lastMs));
  for (let size = Math.ceil(idsNow().length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < idsNow().length && runs < RUNS; ) {
      const rest = idsNow().filter((_, at) => at < from || at >= from + size);
      if (!(await attempt(rest))) from += size;
    }
  }
  return shortest;
};
