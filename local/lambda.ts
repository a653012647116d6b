import type { HostedFunction, Outcome } from './environment.ts';
import type { Call, Reply, Service } from './service.ts';

/** What the Lambda endpoint needs to know. */
export type LambdaOptions = {
  accountId: string;
  functions: HostedFunction[];
  invoke(fn: HostedFunction, payload: string): Promise<Outcome>;
};

/** Request limits of the two ways to invoke: 6 MB to wait for the answer, 1 MB to be queued. */
const REQUEST_LIMIT_BYTES = { RequestResponse: 6_291_456, Event: 1_048_576 } as const;
const INVOKE_PATH = /^\/2015-03-31\/functions\/([^/]+)\/invocations\/?$/;

/** `Invoke` as AWS answers it, for every function of the assembly in every region. */
export const lambdaService = ({ accountId, functions, invoke }: LambdaOptions): Service => {
  const target = (call: Call) => parseName(INVOKE_PATH.exec(call.path)?.[1] ?? '', call.region, accountId);

  const handle = async (call: Call): Promise<Reply> => {
    const { region, arn } = target(call);
    if (region !== call.region) {
      const message = `Functions from '${region}' are not reachable in this region ('${call.region}')`;
      return refusal(404, 'ResourceNotFoundException', message);
    }
    const fn = functions.find((candidate) => candidate.arn === arn);
    if (!fn) return refusal(404, 'ResourceNotFoundException', `Function not found: ${arn}`);

    const type = call.headers['x-amz-invocation-type'] ?? 'RequestResponse';
    if (type !== 'RequestResponse' && type !== 'Event') {
      const message = `Expected the invocation type to be RequestResponse or Event, received "${type}".`;
      return refusal(400, 'InvalidParameterValueException', message);
    }
    const limit = REQUEST_LIMIT_BYTES[type];
    if (call.body.length > limit) {
      const message = `${call.body.length} byte payload is too large for the ${type} invocation type (limit ${limit} bytes)`;
      return refusal(413, 'RequestTooLargeException', message);
    }
    const payload = call.body.length === 0 ? '{}' : call.body.toString('utf8');
    const flaw = jsonFlaw(payload);
    if (flaw !== undefined) {
      const message = `Could not parse request body into json: Could not parse payload into json: ${flaw}`;
      return refusal(400, 'InvalidRequestContentException', message);
    }
    if (type === 'RequestResponse') return answer(await invoke(fn, payload));
    // Queued: the caller learns nothing of the outcome, as on AWS.
    void invoke(fn, payload);
    return { status: 202, headers: { 'x-amz-executed-version': '$LATEST' }, body: '' };
  };

  return {
    name: 'lambda',
    operations: ['Invoke'],
    operation: (call) => (call.method === 'POST' && INVOKE_PATH.test(call.path) ? 'Invoke' : undefined),
    demands: (call) => [{ action: 'lambda:InvokeFunction', resource: target(call).arn, context: {} }],
    handle,
    error: refusal,
  };
};

/** A function's name, `ACCOUNT:function:NAME` or whole ARN, with or without a qualifier, as found in the path. */
const parseName = (
  encoded: string,
  callRegion: string,
  accountId: string,
): { region: string; arn: string } => {
  const text = decoded(encoded);
  const whole = /^arn:aws[\w-]*:lambda:([\w-]+):(\d+):function:([\w-]+)/.exec(text);
  const partial = /^(?:(\d+):function:)?([\w-]+)/.exec(text);
  const region = whole?.[1] ?? callRegion;
  const account = whole?.[2] ?? partial?.[1] ?? accountId;
  const name = whole?.[3] ?? partial?.[2] ?? text;
  return { region, arn: `arn:aws:lambda:${region}:${account}:function:${name}` };
};

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
};

const answer = (outcome: Outcome): Reply =>
  outcome.error
    ? {
        status: 200,
        headers: { ...JSON_HEADERS, 'x-amz-function-error': 'Unhandled' },
        body: JSON.stringify(outcome.error),
      }
    : { status: 200, headers: JSON_HEADERS, body: outcome.payload };

const JSON_HEADERS = { 'content-type': 'application/json', 'x-amz-executed-version': '$LATEST' };

const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  headers: { 'content-type': 'application/json', 'x-amzn-errortype': code },
  body: JSON.stringify({ Type: status < 500 ? 'User' : 'Service', Message: message }),
});

const jsonFlaw = (text: string): string | undefined => {
  try {
    JSON.parse(text);
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
};
