import { escapeXml } from '../lib/escape-xml.ts';
import type { Reply } from './service.ts';

/** What each service answers when it does not even look at a call: status, code and message in AWS's words. */
export type Refusal = { status: number; code: string; message: string };

type Wording = {
  denied: Omit<Refusal, 'message'>;
  throttled: Refusal;
  failed: Refusal;
  unknownKey: Omit<Refusal, 'message'>;
  wrongSignature: Omit<Refusal, 'message'>;
  unknownOperation: Omit<Refusal, 'message'>;
};

/** Services that speak the query protocol differ in two codes. */
const ofQuery = (denied: string, failed: string): Wording => ({
  denied: { status: 403, code: denied },
  throttled: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
  failed: {
    status: 500,
    code: failed,
    message: 'The request processing has failed because of an unknown error, exception or failure.',
  },
  unknownKey: { status: 403, code: 'InvalidClientTokenId' },
  wrongSignature: { status: 403, code: 'SignatureDoesNotMatch' },
  unknownOperation: { status: 400, code: 'InvalidAction' },
});

/** Services that speak JSON differ in how they say that they failed. */
const ofJson = (failed: Omit<Refusal, 'status'>): Wording => ({
  denied: { status: 400, code: 'AccessDeniedException' },
  throttled: { status: 400, code: 'ThrottlingException', message: 'Rate exceeded' },
  failed: { status: 500, ...failed },
  unknownKey: { status: 400, code: 'UnrecognizedClientException' },
  wrongSignature: { status: 400, code: 'InvalidSignatureException' },
  unknownOperation: { status: 400, code: 'UnknownOperationException' },
});

/** Error codes from the service models of the AWS SDK for JavaScript 3.1169 and, for Route 53, its API reference. */
const WORDINGS: Record<string, Wording> = {
  route53: {
    denied: { status: 403, code: 'AccessDenied' },
    throttled: { status: 400, code: 'Throttling', message: 'Rate exceeded' },
    failed: {
      status: 500,
      code: 'InternalFailure',
      message: 'We encountered an internal error. Please try again.',
    },
    unknownKey: { status: 403, code: 'InvalidClientTokenId' },
    wrongSignature: { status: 403, code: 'SignatureDoesNotMatch' },
    unknownOperation: { status: 404, code: 'UnknownOperationException' },
  },
  sns: ofQuery('AuthorizationError', 'InternalError'),
  iam: ofQuery('AccessDenied', 'ServiceFailure'),
  sts: ofQuery('AccessDenied', 'InternalFailure'),
  dynamodb: {
    denied: { status: 400, code: 'AccessDeniedException' },
    throttled: {
      status: 400,
      code: 'ProvisionedThroughputExceededException',
      message:
        'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
    },
    failed: {
      status: 500,
      code: 'InternalServerError',
      message: 'The request processing has failed because of an unknown error, exception or failure.',
    },
    unknownKey: { status: 400, code: 'UnrecognizedClientException' },
    wrongSignature: { status: 400, code: 'InvalidSignatureException' },
    unknownOperation: { status: 400, code: 'UnknownOperationException' },
  },
  ssm: ofJson({ code: 'InternalServerError', message: 'An error occurred on the server side.' }),
  monitoring: ofJson({ code: 'InternalServiceFault', message: 'The request processing has failed.' }),
  events: ofJson({ code: 'InternalException', message: 'This exception occurs due to unexpected causes.' }),
  ec2: {
    denied: { status: 403, code: 'UnauthorizedOperation' },
    throttled: { status: 503, code: 'RequestLimitExceeded', message: 'Request limit exceeded.' },
    failed: { status: 500, code: 'InternalError', message: 'An internal error has occurred' },
    unknownKey: { status: 401, code: 'AuthFailure' },
    wrongSignature: { status: 401, code: 'AuthFailure' },
    unknownOperation: { status: 400, code: 'InvalidAction' },
  },
  lambda: {
    denied: { status: 403, code: 'AccessDeniedException' },
    throttled: { status: 429, code: 'TooManyRequestsException', message: 'Rate Exceeded.' },
    failed: {
      status: 500,
      code: 'ServiceException',
      message: 'An error occurred and the request cannot be processed.',
    },
    unknownKey: { status: 403, code: 'UnrecognizedClientException' },
    wrongSignature: { status: 403, code: 'InvalidSignatureException' },
    unknownOperation: { status: 404, code: 'UnknownOperationException' },
  },
};

/** The refusals of one service; a service that is not in the list above speaks like Route 53. */
export const refusalsOf = (service: string) => {
  const wording = WORDINGS[service] ?? WORDINGS.route53!;
  return {
    denied: (principal: string, action: string, resource: string, why: string): Refusal => ({
      ...wording.denied,
      message: `User: ${principal} is not authorized to perform: ${action} on resource: ${resource} ${why}`,
    }),
    throttled: wording.throttled,
    failed: wording.failed,
    unknownKey: { ...wording.unknownKey, message: 'The security token included in the request is invalid.' },
    // Of credentials that end; what is called with these here is Route 53 alone.
    endedKey: {
      ...{ status: 403, code: 'ExpiredToken' },
      message: 'The security token included in the request is expired',
    },
    wrongSignature: {
      ...wording.wrongSignature,
      message:
        'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and ' +
        'signing method. Consult the service documentation for details.',
    },
    unknownOperation: (call: string): Refusal => ({
      ...wording.unknownOperation,
      message: `The local cloud has no operation for ${call}.`,
    }),
  };
};

/** For callers of whom not even the service is known: read as an error by the clients of every protocol. */
export const anyProtocol = ({ status, code, message }: Refusal): Reply => ({
  status,
  headers: { 'content-type': 'text/xml', 'x-amzn-errortype': code },
  body: `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error></ErrorResponse>`,
});
