import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import type { ReadParameters } from '../ports.ts';
import { type Bound, call, clientOptions, faultOf, type Place } from './aws.ts';
import { LIMITS, type Limits } from './limits.ts';

/** The client of the parameter store. */
export const ssmClient = (place: Place = {}, limits: Limits = LIMITS.parameters): SSMClient =>
  new SSMClient({ ...place, ...clientOptions(limits) });

/** Names in one call (Systems Manager API reference, GetParameters). */
const NAMES_PER_CALL = 10;

export const ssmParameters =
  (client: SSMClient, bound: Bound = {}): ReadParameters =>
  async (names) => {
    const values = new Map<string, string>();
    for (let from = 0; from < names.length; from += NAMES_PER_CALL) {
      const Names = names.slice(from, from + NAMES_PER_CALL);
      const { Parameters = [] } = await call(
        (error) => faultOf('SSM', 'GetParameters', error),
        { callMs: LIMITS.parameters.callMs, ...bound },
        (abortSignal) =>
          client.send(new GetParametersCommand({ Names, WithDecryption: true }), { abortSignal }),
      );
      for (const { Name, Value } of Parameters) {
        if (Name !== undefined && Value !== undefined) values.set(Name, Value);
      }
    }
    return values;
  };
