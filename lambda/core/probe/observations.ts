import { type Check, isNumber, isObject, isText, oneOf, optional, shaped } from '../base/shape.ts';
import type { Observation, ProbeRequest } from './request.ts';

/** Longer words than a prober ever finds: what it says is stored and mailed. */
const LONGEST_WORDS = 1000;
const isWords: Check = (value) => isText(value) && (value as string).length <= LONGEST_WORDS;

const isObservation = shaped({
  id: isText,
  outcome: oneOf('passed', 'failed', 'unknown'),
  code: isWords,
  detail: isWords,
  status: optional(isNumber),
  remoteAddress: optional(isWords),
  certificateStartsMs: optional(isNumber),
  certificateExpiresMs: optional(isNumber),
  certificateAuthority: optional(isWords),
  browserHello: optional(shaped({ outcome: oneOf('passed', 'failed'), detail: isWords })),
  phases: shaped({
    dnsMs: optional(isNumber),
    connectMs: optional(isNumber),
    tlsMs: optional(isNumber),
    firstByteMs: optional(isNumber),
    totalMs: isNumber,
  }),
});

/**
 * The observations in what a prober answered, or the first thing in it that is none. Each must be of a probe that was asked for, and
 * the only one of it; one that is missing leaves its probe unanswered and the others as good as they are.
 */
export const observationsIn = (
  answer: unknown,
  probes: readonly ProbeRequest[],
): { observations: Observation[] } | { misfit: unknown } => {
  const observations = isObject(answer) ? answer.observations : undefined;
  if (!Array.isArray(observations)) return { misfit: answer };
  const unanswered = new Set<unknown>(probes.map(({ id }) => id));
  // Not by `find`: what does not fit may be `undefined` itself.
  const misfits = observations.filter((one) => !isObservation(one) || !unanswered.delete(one.id));
  return misfits.length > 0 ? { misfit: misfits[0] } : { observations };
};
