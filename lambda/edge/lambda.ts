import { InvokeCommand, type InvokeCommandOutput, LambdaClient } from '@aws-sdk/client-lambda';
import { Fault } from '../core/fault.ts';
import type { Observation, ProberAnswer, ProberEvent } from '../core/probe.ts';
import { clientOptions, faultOf } from './aws.ts';

/** The probers, by vantage. Rejects with a `Fault` when the vantage as such could not look. */
export type Probers = { probe(vantage: string, event: ProberEvent): Promise<Observation[]> };

/** What a cold start, the network and Lambda itself may take on top of the batch's own deadline. */
const INVOKE_OVERHEAD_MS = 3000;

/**
 * Asks once more, at once, when the connection broke before an answer came: a kept connection may have been closed while the
 * function was frozen, and a probe may be asked twice without harm.
 */
const invoke = async (
  client: LambdaClient,
  functionName: string,
  payload: Buffer,
): Promise<InvokeCommandOutput> => {
  const command = new InvokeCommand({ FunctionName: functionName, Payload: payload });
  try {
    return await client.send(command);
  } catch (error) {
    if ((error as { code?: string }).code !== 'ECONNRESET') throw error;
    return await client.send(command);
  }
};

/**
 * Probers as Lambda functions of one name in several regions. A failed one is left to the next round: a
 * second attempt would come too late for this one. Clients are kept by region and deadline, since a client has one timeout.
 */
export const lambdaProbers = (functionName: string): Probers => {
  const clients = new Map<string, LambdaClient>();
  const clientFor = (region: string, answerMs: number): LambdaClient => {
    const key = `${region} ${answerMs}`;
    const client =
      clients.get(key) ??
      new LambdaClient({ region, ...clientOptions({ connectMs: 1000, answerMs, attempts: 1 }) });
    clients.set(key, client);
    return client;
  };
  return {
    probe: async (vantage, event) => {
      const client = clientFor(vantage, event.deadlineMs + INVOKE_OVERHEAD_MS);
      try {
        const answer = await invoke(client, functionName, Buffer.from(JSON.stringify(event)));
        const text = Buffer.from(answer.Payload ?? []).toString();
        if (answer.FunctionError !== undefined) {
          throw new Fault(
            'lost',
            'Lambda',
            'Invoke',
            `${functionName} in ${vantage} failed: ${text.slice(0, 300)}`,
          );
        }
        return (JSON.parse(text) as ProberAnswer).observations;
      } catch (error) {
        throw faultOf('Lambda', 'Invoke', error);
      }
    },
  };
};
