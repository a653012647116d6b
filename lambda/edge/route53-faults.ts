import { Fault, type FaultCode } from '../core/base/fault.ts';
import { codeNamed, type SdkError, wasNeverSent } from './aws.ts';

/** The `system` of every fault from Route 53. */
export const SYSTEM = 'Route 53';

/** Left by the SDK when the root of an error is not `ErrorResponse`. */
type RouteError = SdkError & Error & { Messages?: { Message?: string | string[] } };

const codeOf = (error: RouteError): FaultCode => {
  const status = error.$metadata?.httpStatusCode;
  // What the SDK itself calls an answer that names no error.
  const hasCode = !['Error', 'Unknown', 'NotFound'].includes(error.name);
  const known = hasCode ? codeNamed(error) : undefined;
  if (known !== undefined) return known;
  if (error.Messages !== undefined && status === 400) return 'refused';
  if (status === undefined) return wasNeverSent(error) ? 'unavailable' : 'lost';
  // A code that we do not know, in AWS's own error format, is a refusal; an answer without any code may be anybody's.
  if (!hasCode || status < 400 || status >= 500) return 'lost';
  if (status === 401 || status === 403) return 'denied';
  return status === 429 ? 'throttled' : 'refused';
};

/** How the messages about a batch begin. Commas inside them are common, so only one before these words parts two. */
const MESSAGE_STARTS =
  /, (?=(?:Tried to|The resource record set|RRSet|Invalid Resource Record|The request|Duplicate|A HostedZone|FATAL|Number of|RDATA|Cannot have|Exceeded)\b)/;

/** The single messages of a refused batch: Route 53 sends `[one, two]`. */
export const refusalMessages = (text: string): string[] =>
  (/^\[(.*)\]$/s.exec(text)?.[1] ?? text).split(MESSAGE_STARTS).filter((message) => message !== '');

/**
 * An error of the SDK as a fault. The message keeps AWS's words, a refused batch's joined by `; `; an AccessDenied names
 * the action and the resource. A batch in the older error format (root `InvalidChangeBatch`), which the SDK calls
 * `Unknown`, is told by the messages that it leaves on the error.
 */
export const routeFault = (operation: string, error: unknown): Fault => {
  if (error instanceof Fault) return error;
  const failure: RouteError = error instanceof Error ? error : new Error(String(error));
  const code = codeOf(failure);
  const older = [failure.Messages?.Message ?? []].flat();
  const messages =
    older.length > 0 ? older : code === 'refused' ? refusalMessages(failure.message) : [failure.message];
  const label = ['Error', 'Unknown'].includes(failure.name) ? '' : `${failure.name}: `;
  return new Fault(code, SYSTEM, operation, `${label}${messages.join('; ')}`, failure);
};
