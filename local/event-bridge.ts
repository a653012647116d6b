import { randomUUID } from 'node:crypto';
import type { Call, Demand, Reply, Service } from './service.ts';

/** An event as a bus took it. */
export type BusEvent = { bus: string; source: string; detailType: string; detail: object; time?: number };

export type EventBridgeOptions = {
  accountId: string;
  /** Called for each event that was taken. */
  onEvent?: (event: BusEvent) => void;
};

/** The header `x-amz-target` names an operation after this and a dot. */
const TARGET = 'AWSEvents';
/** Entries in one call, and bytes of all of them: source, type, detail, and 14 for a time (EventBridge user guide, PutEvents). */
const ENTRIES_MAX = 10;
const BYTES_MAX = 1024 * 1024;
const TIME_BYTES = 14;

type Entry = Partial<Record<'Source' | 'DetailType' | 'Detail' | 'EventBusName', unknown>> & {
  Time?: unknown;
};
type EntryReply = { EventId: string } | { ErrorCode: string; ErrorMessage: string };

/**
 * `PutEvents` of EventBridge. A bus that nobody made takes events, too, as it does on AWS: they are gone. The fault `failed-entry` fails
 * the last entry of a call and takes the others.
 */
export const eventBridgeService = ({ accountId, onEvent = () => {} }: EventBridgeOptions): Service => {
  const arnOf = ({ EventBusName = 'default' }: Entry, { region }: Call): string =>
    String(EventBusName).startsWith('arn:')
      ? String(EventBusName)
      : `arn:aws:events:${region}:${accountId}:event-bus/${EventBusName}`;
  const put = (entry: Entry, call: Call, isToFail: boolean): EntryReply => {
    if (isToFail) return { ErrorCode: 'InternalFailure', ErrorMessage: 'Internal failure.' };
    const wrong = wrongIn(entry);
    if (wrong !== undefined) return wrong;
    onEvent({
      bus: arnOf(entry, call),
      source: String(entry.Source),
      detailType: String(entry.DetailType),
      detail: JSON.parse(String(entry.Detail)),
      ...(typeof entry.Time === 'number' && { time: entry.Time }),
    });
    return { EventId: randomUUID() };
  };
  return {
    name: 'events',
    operations: ['PutEvents'],
    operation: ({ headers }) => (headers['x-amz-target'] === `${TARGET}.PutEvents` ? 'PutEvents' : undefined),
    demands: (call): Demand[] =>
      [...new Set(entriesOf(call).map((entry) => arnOf(entry, call)))].map((resource) => ({
        action: 'events:PutEvents',
        resource,
        context: {},
      })),
    handle: async (call) => {
      const entries = entriesOf(call);
      const refused = refusalOf(entries);
      if (refused !== undefined) return refusal(400, 'ValidationException', refused);
      const last = call.fault === 'failed-entry' ? entries.length - 1 : undefined;
      const Entries = entries.map((entry, index) => put(entry, call, index === last));
      const failed = Entries.filter((entry) => 'ErrorCode' in entry);
      return reply({ FailedEntryCount: failed.length, Entries });
    },
    error: refusal,
  };
};

const entriesOf = ({ body }: Call): Entry[] => {
  try {
    const { Entries } = Object(JSON.parse(body.toString('utf8')));
    return Array.isArray(Entries) ? Entries.map(Object) : [];
  } catch {
    return [];
  }
};

const bytesOf = ({ Source, DetailType, Detail, Time }: Entry): number =>
  [Source, DetailType, Detail].reduce<number>((sum, text) => sum + Buffer.byteLength(String(text ?? '')), 0) +
  (Time === undefined ? 0 : TIME_BYTES);

/** Why the whole call is refused. */
const refusalOf = (entries: Entry[]): string | undefined => {
  if (entries.length === 0 || entries.length > ENTRIES_MAX)
    return (
      "1 validation error detected: Value at 'entries' failed to satisfy constraint: Member must have length " +
      (entries.length === 0 ? 'greater than or equal to 1' : `less than or equal to ${ENTRIES_MAX}`)
    );
  if (entries.reduce((sum, entry) => sum + bytesOf(entry), 0) > BYTES_MAX)
    return 'Total size of the entries in the request is over the limit.';
  return undefined;
};

const invalid = (field: string): EntryReply => ({
  ErrorCode: 'InvalidArgument',
  ErrorMessage: `Parameter ${field} is not valid. Reason: ${field} is a required argument.`,
});

/** Why one entry is not taken, while the others are. */
const wrongIn = (entry: Entry): EntryReply | undefined => {
  const missing = (['Source', 'DetailType', 'Detail'] as const).find((field) => !entry[field]);
  if (missing !== undefined) return invalid(missing);
  if (String(entry.Source).startsWith('aws.'))
    return {
      ErrorCode: 'NotAuthorizedForSourceException',
      ErrorMessage: 'Not authorized for the source.',
    };
  return isObject(String(entry.Detail))
    ? undefined
    : { ErrorCode: 'MalformedDetail', ErrorMessage: 'Detail is malformed.' };
};

const isObject = (text: string): boolean => {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value);
  } catch {
    return false;
  }
};

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.1' };

const reply = (body: object): Reply => ({ status: 200, headers: JSON_TYPE, body: JSON.stringify(body) });

const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ __type: code, message }),
});
