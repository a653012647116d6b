import { isNumber, isObject, isText, listOf, oneOf, optional, recordOf, shaped } from '../base/shape.ts';

const isMode = (value: unknown): boolean => {
  if (!isObject(value)) return false;
  if (value.mode === 'auto') return true;
  if (value.mode === 'held') return isNumber(value.untilMs);
  return value.mode === 'pinned' && isNumber(value.untilMs) && isText(value.pin);
};

const isNotice = shaped({
  id: isText,
  kind: isText,
  site: isText,
  incident: isText,
  atMs: isNumber,
  news: shaped({ type: isText }),
  claim: optional(shaped({ by: isText, untilMs: isNumber })),
  told: optional(oneOf('mail', 'event')),
});

const isRecord = shaped({
  name: isText,
  type: isText,
  ttlSeconds: optional(isNumber),
  values: listOf(isText),
  alias: optional(isObject),
  routing: optional(isText),
});

const isWritten = shaped({ epoch: isNumber, role: isText, records: listOf(isRecord) });

const isTarget = shaped({
  health: oneOf('up', 'down', 'unknown'),
  sinceMs: isNumber,
  firstMs: optional(isNumber),
  address: isText,
  freshMs: isNumber,
  turnedBy: optional(recordOf(shaped({ outcome: isText, code: isText, detail: isText }))),
  streak: optional(
    shaped({ verdict: oneOf('passed', 'failed'), count: isNumber, firstMs: isNumber, lastMs: isNumber }),
  ),
});

const isCause = shaped({ outcome: isText, code: isText, phrase: isText, sinceMs: isNumber });
const isCauses = shaped({
  byVantage: recordOf(isCause),
  failing: optional(listOf(isText)),
  dissenting: optional(listOf(isText)),
  certificate: optional(shaped({ expiresMs: isNumber, seenMs: isNumber })),
});

const isIntent = shaped({
  nonce: isText,
  epoch: isNumber,
  from: (value) => value === null || isText(value),
  to: isText,
  reason: isText,
  row: isNumber,
  act: oneOf('serve', 'adopt', 'leave'),
  evidenceMs: isNumber,
  decidedMs: isNumber,
  role: isText,
  records: listOf(isRecord),
  notice: isNotice,
});

const isTimes = recordOf((value) => value === null || isNumber(value));
const isPropagation = shaped({
  epoch: isNumber,
  from: (value) => value === null || isText(value),
  to: isText,
  incident: isText,
  detectedMs: optional(isNumber),
  decidedMs: optional(isNumber),
  acceptedMs: isNumber,
  insyncMs: optional(isNumber),
  servers: optional(isTimes),
  resolvers: optional(isTimes),
  missedMs: optional(isNumber),
  lateTold: optional(oneOf(true)),
});

const asked = { by: isText, reason: isText, askedMs: isNumber };
const told = shaped({
  down: listOf(isText),
  unknown: optional(listOf(isText)),
  flaps: optional(
    recordOf(
      shaped({
        turnsMs: listOf(isNumber),
        flapping: optional(shaped({ sinceMs: isNumber, turns: isNumber })),
      }),
    ),
  ),
  certificates: optional(recordOf(shaped({ expiresMs: isNumber, days: isNumber }))),
  obstacles: optional(listOf(isText)),
  hellos: optional(recordOf(isText)),
  edit: optional(isText),
  expiryMs: optional(isNumber),
});

/** Whether a value is a `SiteState` of this version, whole. */
export const isSiteState = shaped({
  schema: oneOf(2),
  targets: recordOf(isTarget),
  causes: optional(recordOf(isCauses)),
  written: optional(isWritten),
  intent: optional(isIntent),
  unpublished: optional(
    shaped({
      changeId: isText,
      epoch: isNumber,
      acceptedMs: isNumber,
      before: optional(listOf(isWritten)),
    }),
  ),
  rolledBack: optional(listOf(isWritten)),
  protected: optional(shaped({ message: isText, retryMs: isNumber })),
  writeRefused: optional(shaped({ why: isText, atMs: isNumber, passes: oneOf(true, false) })),
  incident: optional(
    shaped({
      id: isText,
      openedMs: isNumber,
      alarmed: optional(oneOf(true)),
      ended: optional(oneOf(true)),
      group: optional(isText),
      acknowledged: optional(shaped(asked)),
    }),
  ),
  silence: optional(
    shaped({
      ...asked,
      untilMs: isNumber,
      suppressed: isNumber,
      ended: optional(shaped({ by: isText, reason: isText })),
    }),
  ),
  alerts: optional(recordOf(isText)),
  propagation: optional(isPropagation),
  told,
  reminders: recordOf(isNumber),
  outbox: listOf(isNotice),
  history: listOf(shaped({ id: isText, atMs: isNumber, what: isText, text: isText })),
  decided: optional(
    shaped({
      decision: shaped({ row: isNumber, reason: isText, act: isText }),
      facts: shaped({ nowMs: isNumber }),
    }),
  ),
  answeredAs: optional(shaped({ serving: isText, sinceSeconds: isNumber })),
  damping: shaped({ movesMs: listOf(isNumber), waits: isNumber, lastDueMs: isNumber }),
  failbackAsked: optional(shaped({ ...asked, untilMs: isNumber, from: optional(isText) })),
  point: optional(
    shaped({
      ...asked,
      from: isText,
      to: isText,
      untilMs: isNumber,
      planned: optional(
        shaped({
          waitSeconds: isNumber,
          lowMs: optional(isNumber),
          switchedMs: optional(isNumber),
          watchedMs: optional(isNumber),
        }),
      ),
    }),
  ),
  override: optional(shaped({ ...asked, mode: isMode, epoch: isNumber, serving: optional(isText) })),
});

/** Whether a value is a `DeploymentState` of this version, whole. */
export const isDeploymentState = shaped({
  schema: oneOf(2),
  sites: optional(listOf(isText)),
  controllers: optional(isNumber),
  blind: listOf(isText),
  blindFor: optional(recordOf(isText)),
  unreadable: recordOf(isNumber),
  reminders: recordOf(isNumber),
  testedMs: optional(isNumber),
  masses: optional(recordOf(shaped({ sinceMs: isNumber, count: isNumber }))),
  outbox: listOf(isNotice),
  checked: optional(
    shaped({
      atMs: isNumber,
      againMs: optional(isNumber),
      kept: listOf(shaped({ code: isText, what: isText })),
    }),
  ),
});
