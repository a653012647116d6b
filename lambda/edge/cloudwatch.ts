import type { Place } from './aws.ts';
import { callAsOperator, operatorSigner } from './operator-call.ts';

/** A call about a mute rule of alarms. */
export type MuteCall = { operation: 'PutAlarmMuteRule' | 'DeleteAlarmMuteRule'; input: object };
/** A call for the values of metrics. */
export type MetricsCall = { operation: 'GetMetricData'; input: object };

/** CloudWatch speaks JSON 1.0 (client-cloudwatch 3.1164), and its operations are named after this and a dot. */
const TARGET = 'GraniteServiceVersion20100801';

/** Asks CloudWatch as the operator, and answers what it answers. Rejects with its words, or with why it could not be asked. */
export const callCloudwatch = async (
  place: Place & { region: string },
  { operation, input }: MuteCall | MetricsCall,
): Promise<unknown> => {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `${TARGET}.${operation}`,
  };
  const unsigned = { headers, body: JSON.stringify(input) };
  const { status, text } = await callAsOperator('monitoring', unsigned, await operatorSigner(place));
  if (status !== 200) throw refusalIn(status, text);
  return text === '' ? undefined : JSON.parse(text);
};

/** What stands before AWS may refuse, too, and then there is no JSON. */
const refusalIn = (status: number, text: string): Error => {
  const { __type = `status ${status}`, message, Message } = objectIn(text);
  return new Error(`${__type.replace(/^.*#/, '')}: ${message ?? Message ?? ''}`);
};

const objectIn = (text: string): { __type?: string; message?: string; Message?: string } => {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
};
