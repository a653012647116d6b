import { OPERATOR } from '../../../local/credentials.ts';
import { signatureOf } from '../../../local/signature.ts';

/** A request that is sent byte by byte instead of by an SDK. */
export type Plain = { method?: string; body?: string | Buffer; date?: string; region?: string };

/** The headers with which the operator signs such a request to a service at this URL. */
export const signedByOperator = (service: string, url: string, plain: Plain = {}): Record<string, string> => {
  const { method = 'POST', body = '', date = '20261122', region = 'eu-west-2' } = plain;
  const { host, pathname, search } = new URL(url);
  const scope = { date, region, service, signedHeaders: ['host', 'x-amz-date'] };
  const headers = { host, 'x-amz-date': `${date}T120000Z` };
  const request = { method, target: pathname + search, headers, body: Buffer.from(body) };
  const credential = `${OPERATOR.accessKeyId}/${date}/${region}/${service}/aws4_request`;
  const signature = signatureOf(OPERATOR.secretAccessKey, scope, request);
  return {
    'x-amz-date': headers['x-amz-date'],
    authorization: `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  };
};
