import type { Place } from './aws.ts';
import type { Signer } from './aws-request.ts';
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
