import { holderOf } from '../local/lock.ts';

/** What keeps a command from being carried out, in words that say the way out: no stack trace helps with it. */
export class Trouble extends Error {}

/** The console function as a person would look for it. */
export type Place = {
  /** Name of the function. */
  name: string;
  region: string;
  /** The state directory, when it runs on this machine. */
  local?: string;
};

type SdkError = { name?: string; message?: string; code?: string; $metadata?: { httpStatusCode?: number } };

const NO_CREDENTIALS = /^(CredentialsProviderError|TokenProviderError)$/;
const EXPIRED = /Expired(Token)?(Exception)?$|RequestExpired/;
const UNKNOWN_KEYS =
  /^(UnrecognizedClientException|InvalidClientTokenId|InvalidSignatureException|SignatureDoesNotMatch|IncompleteSignature\w*|InvalidAccessKeyId|MissingAuthenticationToken\w*)$/;
const THROTTLED = /^(TooManyRequestsException|Throttl\w+|EC2ThrottledException|RequestLimitExceeded)$/;
const NO_NETWORK = /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|EHOSTUNREACH|ENETUNREACH|ENETDOWN)$/;

const SIGN_IN =
  'Sign in ("aws sso login" or "aws login"), or name a profile that has credentials with AWS_PROFILE; ' +
  '"aws sts get-caller-identity" shows who you are.';

const ON_THIS_MACHINE = 'For what "npm start" runs on this machine, add --local .switchover.';

/** Whether a function is not there, or not for these credentials to call. */
export const isNotForUs = (error: unknown): boolean =>
  error instanceof Trouble &&
  /^(ResourceNotFoundException|AccessDenied\w*)$/.test((Object(error.cause) as SdkError).name ?? '');

/** Any error of an invocation as trouble; `mayHaveHappened` says what an order whose answer was lost leaves open. */
export const invocationTrouble = (error: unknown, place: Place, mayHaveHappened: string): Trouble => {
  if (error instanceof Trouble) return error;
  const sdk = Object(error) as SdkError;
  return new Trouble(
    place.local === undefined
      ? sentences(sdk, place, mayHaveHappened)
      : localSentences(sdk, place, mayHaveHappened),
    {
      cause: error,
    },
  );
};

const sentences = (sdk: SdkError, { name, region }: Place, mayHaveHappened: string): string => {
  const { name: kind = 'Error', message = '', code = '' } = sdk;
  const status = sdk.$metadata?.httpStatusCode ?? 0;
  const said = `\nIn its own words: ${kind}: ${message}`;
  if (EXPIRED.test(kind) || (NO_CREDENTIALS.test(kind) && /expired/i.test(message)))
    return `The AWS credentials have expired. ${SIGN_IN}${said}`;
  if (NO_CREDENTIALS.test(kind)) return `No AWS credentials were found. ${SIGN_IN} ${ON_THIS_MACHINE}${said}`;
  if (UNKNOWN_KEYS.test(kind))
    return `AWS does not accept these credentials in ${region}: they were deleted or mistyped, this machine's clock is wrong, or the region is not enabled. ${SIGN_IN}${said}`;
  if (/^AccessDenied/.test(kind) || status === 403)
    return `These credentials may not call the function ${name} in ${region}. Ask for the permission lambda:InvokeFunction on it, or use another profile (AWS_PROFILE).${said}`;
  if (kind === 'ResourceNotFoundException' || status === 404)
    return `There is no function ${name} in ${region} in this account. Either it is not deployed yet ("npm run cdk -- deploy --all"), or these are credentials for another account (AWS_PROFILE), or the configuration names another \`deployment\` or \`homeRegion\` than the one that runs (--config).${said}`;
  if (THROTTLED.test(kind))
    return `AWS has no room for a call of ${name} just now. Repeat it in a few seconds.${said}`;
  if (NO_NETWORK.test(code))
    return `AWS Lambda in ${region} cannot be reached from here: look at this machine's network, VPN and name resolution, and at the spelling of the region.${said}`;
  if (kind === 'TimeoutError' || code === 'ECONNRESET')
    return `${name} in ${region} did not answer in time. ${mayHaveHappened}${said}`;
  return `${name} in ${region} could not be asked. ${mayHaveHappened}${said}`;
};

const localSentences = (sdk: SdkError, { local, name }: Place, mayHaveHappened: string): string => {
  if (NO_NETWORK.test(sdk.code ?? '')) return notRunning(local ?? '');
  return `The local cloud in ${local} did not answer for ${name}. ${mayHaveHappened}\nIn its own words: ${sdk.name}: ${sdk.message}`;
};

/** Says so of a state directory; of one whose local cloud has begun to start, that it has to be waited for. */
export const notRunning = (stateDir: string): string => {
  const holder = holderOf(stateDir);
  if (holder !== undefined)
    return `The local cloud in ${stateDir}, process ${holder}, is still starting, or about to end. Starting takes some seconds: ask again when it says that it is ready.`;
  return `No local cloud is running on ${stateDir}. Start one with "npm start -- --state ${stateDir}", or name the state directory of the one that runs; without --state that is .switchover.`;
};

/** What the function itself died of, as Lambda reports it. */
export const functionTrouble = (payload: string, place: Place, mayHaveHappened: string): Trouble => {
  const { errorType = 'Error', errorMessage = payload.slice(0, 300) } = parsed(payload);
  const log = place.local === undefined ? ` Its log is /aws/lambda/${place.name} in ${place.region}.` : '';
  return new Trouble(`${place.name} failed: ${errorType}: ${errorMessage}. ${mayHaveHappened}${log}`);
};

const parsed = (payload: string): { errorType?: string; errorMessage?: string } => {
  try {
    return Object(JSON.parse(payload)) as { errorType?: string; errorMessage?: string };
  } catch {
    return {};
  }
};
