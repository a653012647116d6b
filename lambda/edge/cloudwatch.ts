import { within } from '../async/deadline.ts';
import type { Place } from './aws.ts';
import { awsRequest } from './aws-request.ts';
import { systemClock } from './clock.ts';
import { LIMITS } from './limits.ts';
import { operatorSigner } from './operator-keys.ts';

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
  const request = await awsRequest('monitoring', unsigned, systemClock.now(), await operatorSigner(place));
  return within(
    systemClock,
    LIMITS.operator.callMs,
    async (signal) => {
      const init = { method: 'POST', headers: request.headers, body: unsigned.body, signal };
      const response = await fetch(request.url, init);
      const text = await response.text();
      if (!response.ok) throw refusalIn(response.status, text);
      return text === '' ? undefined : JSON.parse(text);
    },
    {
      late: () => new Error('no answer in time'),
      otherwise: (error) => {
        throw error;
      },
    },
  );
};

const refusalIn = (status: number, text: string): Error => {
  const [, code = `status ${status}`] = /"__type"\s*:\s*"(?:[^"#]*#)?(\w+)"/.exec(text) ?? [];
  const [, said = ''] = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/i.exec(text) ?? [];
  return new Error(`${code}: ${said}`);
};
