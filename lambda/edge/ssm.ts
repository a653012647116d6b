import { GetParametersCommand, SSMClient } from '@aws-sdk/client-ssm';
import { clientOptions, faultOf } from './aws.ts';

/** Values of parameters, decrypted, by name; those that do not exist are left out. Rejects with a `Fault`. */
export type ReadParameters = (names: string[]) => Promise<Map<string, string>>;

/** The client of the parameter store: 1 s to connect, 2 s to answer, two attempts; what is known is used meanwhile. */
export const ssmClient = (): SSMClient =>
  new SSMClient(clientOptions({ connectMs: 1000, answerMs: 2000, attempts: 2 }));

/** Names in one call (Systems Manager API reference, GetParameters). */
const NAMES_PER_CALL = 10;

export const ssmParameters =
  (client: SSMClient): ReadParameters =>
  async (names) => {
    const values = new Map<string, string>();
    try {
      for (let from = 0; from < names.length; from += NAMES_PER_CALL) {
        const Names = names.slice(from, from + NAMES_PER_CALL);
        const { Parameters = [] } = await client.send(
          new GetParametersCommand({ Names, WithDecryption: true }),
        );
        for (const { Name, Value } of Parameters) {
          if (Name !== undefined && Value !== undefined) values.set(Name, Value);
        }
      }
    } catch (error) {
      throw faultOf('SSM', 'GetParameters', error);
    }
    return values;
  };
