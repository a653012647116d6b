import { within } from '../async/deadline.ts';
import type { Place } from './aws.ts';
import { awsRequest, type Signer, type Unsigned } from './aws-request.ts';
import { systemClock } from './clock.ts';
import { LIMITS } from './limits.ts';
import { stsClient } from './sts.ts';

/** Whoever sits at this terminal, by the SDK's own search: profile, environment, single sign-on. Rejects with the SDK's words. */
export const operatorSigner = async (place: Place & { region: string }): Promise<Signer> => {
  const client = stsClient(place);
  try {
    return { region: place.region, keys: await client.config.credentials(), endpoint: place.endpoint };
  } finally {
    client.destroy();
  }
};

/** Posts to a service as the operator, and answers whatever it says. Rejects where it could not be asked, or not in time. */
export const callAsOperator = async (
  service: string,
  unsigned: Unsigned,
  signer: Signer,
): Promise<{ status: number; text: string }> => {
  const { url, headers } = await awsRequest(service, unsigned, systemClock.now(), signer);
  return within(
    systemClock,
    LIMITS.operator.callMs,
    async (signal) => {
      const response = await fetch(url, { method: 'POST', headers, body: unsigned.body, signal });
      return { status: response.status, text: await response.text() };
    },
    {
      late: () => new Error('no answer in time'),
      otherwise: (error) => {
        throw error;
      },
    },
  );
};
