import {
  InvokeCommand,
  type InvokeCommandOutput,
  LambdaClient,
  type LambdaClientConfig,
} from '@aws-sdk/client-lambda';
import { Fault } from '../core/base/fault.ts';
import { shownValue } from '../core/base/shown.ts';
import { observationsIn } from '../core/probe/observations.ts';
import type { Observation, ProberEvent } from '../core/probe/request.ts';
import type { Heart, Probers } from '../ports.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { INVOKE, INVOKE_OVERHEAD_MS } from './limits.ts';

/**
 * Asks once more, at once, when the connection broke before an answer came: a kept connection may have been closed while the
 * function was frozen, and a probe may be asked twice without harm.
 */
const invoke = async (
  client: LambdaClient,
  functionName: string,
  payload: Buffer,
  abortSignal: AbortSignal,
): Promise<InvokeCommandOutput> => {
  const command = new InvokeCommand({ FunctionName: functionName, Payload: payload });
  try {
    return await client.send(command, { abortSignal });
  } catch (error) {
    if ((error as { code?: string }).code !== 'ECONNRESET') throw error;
    return await client.send(command, { abortSignal });
  }
};

/** How much of an answer that is none is shown: the whole sentence must fit where people read it. */
const SHOWN = 60;

/**
 * The observations in the payload that the prober `from` answered with. Rejects with a `Fault` when that is anything else, such as the
 * answer of another function, or of a prober of another version.
 */
export const readAnswer = (payload: string, { probes }: ProberEvent, from: string): Observation[] => {
  let answer: unknown;
  try {
    answer = JSON.parse(payload);
  } catch {
    // Then it is shown as it is.
  }
  const read = observationsIn(answer, probes);
  if ('observations' in read) return read.observations;
  const misfit = read.misfit === undefined ? '' : shownValue(read.misfit, SHOWN + 1);
  const shown = (answer === undefined ? payload : misfit) || 'nothing';
  const received = shown.length <= SHOWN ? shown : `${shown.slice(0, SHOWN - 3)}...`;
  throw new Fault(
    'lost',
    'Lambda',
    'Invoke',
    `expected observations from ${from}, received ${received}; deploy again`,
  );
};

/** `requestHandler` in place of the network: whoever measures in virtual time has no sockets. */
type LambdaPlace = Place & Pick<LambdaClientConfig, 'requestHandler'>;

/** The function of the dead-man alarm, in its region. A beat that comes late is worth as much as none. */
export const lambdaHeart = (
  functionName: string,
  region: string,
  { place = {}, ...bound }: Bound & { place?: LambdaPlace } = {},
): Heart => {
  const callMs = 1000 + INVOKE_OVERHEAD_MS;
  const client = new LambdaClient({ ...clientOptions({ ...INVOKE, answerMs: callMs }), ...place, region });
  return {
    beat: async (heartbeat) => {
      const answer = await call(
        (error) => faultOf('Lambda', 'Invoke', error),
        { callMs, ...bound },
        (abortSignal) => invoke(client, functionName, Buffer.from(JSON.stringify(heartbeat)), abortSignal),
      );
      if (answer.FunctionError === undefined) return;
      const text = Buffer.from(answer.Payload ?? []).toString();
      throw new Fault(
        'lost',
        'Lambda',
        'Invoke',
        `${functionName} in ${region} failed: ${text.slice(0, 300)}`,
      );
    },
  };
};

/**
 * Probers as Lambda functions of one name in several regions. A failed one is left to the next round: a
 * second attempt would come too late for this one. A heartbeat goes to `heart`, and to no prober. Clients are kept by region and deadline, since a client has one timeout.
 */
export const lambdaProbers = (
  functionName: string,
  { place = {}, heart, ...bound }: Bound & { place?: LambdaPlace; heart?: Heart } = {},
): Probers => {
  const clients = new Map<string, LambdaClient>();
  const clientFor = (region: string, answerMs: number): LambdaClient => {
    const key = `${region} ${answerMs}`;
    const client =
      clients.get(key) ?? new LambdaClient({ ...clientOptions({ ...INVOKE, answerMs }), ...place, region });
    clients.set(key, client);
    return client;
  };
  return {
    probe: async (vantage, event) => {
      if (event.heartbeat !== undefined) {
        await heart?.beat(event.heartbeat);
        return [];
      }
      const callMs = event.deadlineMs + INVOKE_OVERHEAD_MS;
      const client = clientFor(vantage, callMs);
      const answer = await call(
        (error) => faultOf('Lambda', 'Invoke', error),
        { callMs, ...bound },
        (abortSignal) => invoke(client, functionName, Buffer.from(JSON.stringify(event)), abortSignal),
      );
      const text = Buffer.from(answer.Payload ?? []).toString();
      const from = `${functionName} in ${vantage}`;
      if (answer.FunctionError !== undefined) {
        throw new Fault('lost', 'Lambda', 'Invoke', `${from} failed: ${text.slice(0, 300)}`);
      }
      return readAnswer(text, event, from);
    },
  };
};
