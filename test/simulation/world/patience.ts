import { INVOKE_OVERHEAD_MS, LIMITS } from '../../../lambda/edge/limits.ts';

/**
 * How long the product's clients wait in all before they give a call up, milliseconds. `test/unit/lambda/edge/deadlines.test.ts` holds
 * the real clients against the same numbers.
 */
export const PATIENCE_MS = {
  list: LIMITS.list.callMs,
  change: LIMITS.change.callMs,
  changeStatus: LIMITS.changeStatus.callMs,
  store: LIMITS.store.callMs,
  topic: LIMITS.topic.callMs,
  find: LIMITS.find.callMs,
  move: LIMITS.move.callMs,
  parameters: LIMITS.parameters.callMs,
};

/** How long a controller waits for a prober's answer beyond the batch's own deadline, milliseconds. */
export const INVOKE_PATIENCE_MS = INVOKE_OVERHEAD_MS;
