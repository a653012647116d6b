import { Fault, type FaultCode } from '../core/fault.ts';

/**
 * Options of every SDK client. Without `throwOnRequestTimeout` the SDK only warns about a hung request and waits for ever
 * (measured: facts in docs/decisions). The credentials and the region come from the function's environment.
 */
export const clientOptions = (limits: { connectMs: number; answerMs: number; attempts: number }) => ({
  maxAttempts: limits.attempts,
  requestHandler: {
    connectionTimeout: limits.connectMs,
    requestTimeout: limits.answerMs,
    throwOnRequestTimeout: true,
  },
});

type SdkError = { name?: string; message?: string; code?: string; $metadata?: { httpStatusCode?: number } };

const DENIED =
  /^(AccessDenied|AccessDeniedException|UnauthorizedOperation|AuthorizationError|AuthorizationErrorException|InvalidClientTokenId|UnrecognizedClientException|ExpiredToken|ExpiredTokenException|SignatureDoesNotMatch|AuthFailure|InvalidSignatureException|MissingAuthenticationToken|KMSAccessDenied\w*)$/;
const THROTTLED =
  /^(Throttling|ThrottlingException|Throttled|ThrottledException|TooManyRequestsException|ProvisionedThroughputExceededException|RequestLimitExceeded|KMSThrottling\w*)$/;
const GONE =
  /^(NoSuch\w+|InvalidA(ssociation|llocation)ID\.NotFound|NotFound|NotFoundException|ResourceNotFoundException)$/;
const NEVER_SENT = /^(ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/;

const codeOf = (error: SdkError): FaultCode => {
  const name = error.name ?? '';
  const status = error.$metadata?.httpStatusCode ?? 0;
  if (DENIED.test(name) || status === 403) return 'denied';
  if (name === 'PriorRequestNotComplete') return 'busy';
  if (THROTTLED.test(name) || status === 429) return 'throttled';
  if (GONE.test(name) || status === 404) return 'gone';
  if (status >= 400 && status < 500) return 'refused';
  return NEVER_SENT.test(error.code ?? '') ? 'unavailable' : 'lost';
};

/** Any error of an SDK call as a `Fault`: its code for the flow, the service's own words for people, the error as `cause`. */
export const faultOf = (system: string, operation: string, error: unknown): Fault => {
  if (error instanceof Fault) return error;
  const sdk = error as SdkError;
  const words = sdk.message && sdk.message !== 'UnknownError' ? sdk.message : 'no readable answer';
  return new Fault(codeOf(sdk), system, operation, `${sdk.name ?? 'Error'}: ${words}`, error);
};
