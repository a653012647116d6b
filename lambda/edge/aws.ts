import { within } from '../async/deadline.ts';
import { Fault, type FaultCode } from '../core/base/fault.ts';
import type { Clock } from '../ports.ts';
import { systemClock } from './clock.ts';
import type { Limits } from './limits.ts';

/** Where AWS is, if not where the function's environment says; for tests and for operators. */
export type Place = {
  region?: string;
  endpoint?: string;
  credentials?: { accessKeyId: string; secretAccessKey: string };
};

/** Another limit of a whole call, and whose time it is; for tests. */
export type Bound = { callMs?: number; clock?: Clock };

/**
 * Options of every SDK client. Without `throwOnRequestTimeout` the SDK only warns about a hung request and waits for ever
 * (measured), and `requestTimeout` ends with the head of the answer: a body that stalls is met by
 * `socketTimeout`, and one that drips by `call` alone.
 */
export const clientOptions = ({ connectMs, answerMs, attempts }: Omit<Limits, 'callMs'>) => ({
  maxAttempts: attempts,
  requestHandler: {
    connectionTimeout: connectMs,
    requestTimeout: answerMs,
    socketTimeout: answerMs,
    throwOnRequestTimeout: true,
  },
});

/**
 * What `send` answers. It is given up after `callMs`, whatever the server does: silence, a head or half a body and then
 * silence, a drip of bytes. Everything that fails becomes a `Fault` by `toFault`.
 */
export const call = <Output>(
  toFault: (error: unknown) => Fault,
  { callMs, clock = systemClock }: Bound & { callMs: number },
  send: (abortSignal: AbortSignal) => Promise<Output>,
): Promise<Output> =>
  within(clock, callMs, async (abortSignal) => await send(abortSignal), {
    late: () =>
      Object.assign(new Error(`expected a whole answer within ${callMs} ms, received none`), {
        name: 'TimeoutError',
      }),
    otherwise: (error) => {
      throw toFault(error);
    },
  });

export type SdkError = {
  name?: string;
  message?: string;
  code?: unknown;
  $metadata?: { httpStatusCode?: number };
};

/** What AWS's services and the SDK call their errors (`name`), where it says more than the status does. */
const NAMES: readonly (readonly [FaultCode, RegExp])[] = [
  [
    'denied',
    /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError|AuthorizationErrorException|InvalidClientTokenId|UnrecognizedClientException|ExpiredToken|ExpiredTokenException|SignatureDoesNotMatch|AuthFailure|InvalidSignatureException|MissingAuthenticationToken|KMSAccessDenied\w*)$/,
  ],
  // Nobody to sign as: the call was never sent, and only another configuration will change that.
  ['denied', /^CredentialsProviderError$/],
  [
    'throttled',
    /^(Throttling|ThrottlingException|Throttled|ThrottledException|TooManyRequestsException|ProvisionedThroughputExceededException|RequestLimitExceeded|KMSThrottling\w*)$/,
  ],
  ['busy', /^PriorRequestNotComplete$/],
  [
    'gone',
    /^(NoSuch\w+|InvalidA(ssociation|llocation)ID\.NotFound|NotFound|NotFoundException|ResourceNotFoundException)$/,
  ],
];

export const codeNamed = ({ name = '' }: SdkError): FaultCode | undefined =>
  NAMES.find(([, names]) => names.test(name))?.[0];

/** Node's codes for a request that never left: no address, no connection, no descriptor, no trust. */
const NEVER_SENT =
  /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL|EMFILE|ENFILE|(ERR_TLS|CERT|UNABLE_TO|DEPTH_ZERO)_.*)$/;

export const wasNeverSent = ({ code, message = '' }: SdkError): boolean =>
  (typeof code === 'string' && NEVER_SENT.test(code)) ||
  // The SDK's timeout of the connection has no code of its own.
  /did not establish a connection/.test(message);

const codeOf = (error: SdkError): FaultCode => {
  const status = error.$metadata?.httpStatusCode ?? 0;
  const known = codeNamed(error);
  if (known !== undefined) return known;
  if (status === 403) return 'denied';
  if (status === 429) return 'throttled';
  if (status === 404) return 'gone';
  if (status >= 400 && status < 500) return 'refused';
  return wasNeverSent(error) ? 'unavailable' : 'lost';
};

/** Any error of an SDK call as a `Fault`: its code for the flow, the service's own words for people, the error as `cause`. */
export const faultOf = (system: string, operation: string, error: unknown): Fault => {
  if (error instanceof Fault) return error;
  const sdk = error as SdkError;
  const words = sdk.message && sdk.message !== 'UnknownError' ? sdk.message : 'no readable answer';
  return new Fault(codeOf(sdk), system, operation, `${sdk.name ?? 'Error'}: ${words}`, error);
};
