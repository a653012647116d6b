import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { anyProtocol } from './refusals.ts';
import type { Reply } from './service.ts';

/** More than any request that the services here accept: Lambda takes 6 MB, DynamoDB 16 MB. */
const BODY_LIMIT_BYTES = 16 * 1024 * 1024;

/** The refusal of a request that a page of a browser, or another machine, may have sent. */
export const foreign = (message: string): Reply =>
  anyProtocol({ status: 403, code: 'AccessDenied', message });
export const tooLarge = anyProtocol({
  status: 413,
  code: 'RequestEntityTooLarge',
  message: `Request body is larger than ${BODY_LIMIT_BYTES} bytes.`,
});
export const unsigned = anyProtocol({
  status: 403,
  code: 'MissingAuthenticationToken',
  message: 'Request is missing Authentication Token',
});
export const noSuchService = (name: string, known: string[]): Reply =>
  anyProtocol({
    status: 400,
    code: 'UnknownService',
    message: `The local cloud has no service ${name}; it has ${known.join(', ')}.`,
  });

/** The whole body, or undefined when it is too large; it is read to its end so that the refusal can be answered. */
export const readBody = async (request: IncomingMessage): Promise<Buffer | undefined> => {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= BODY_LIMIT_BYTES) chunks.push(chunk);
  }
  return bytes <= BODY_LIMIT_BYTES ? Buffer.concat(chunks) : undefined;
};

/** Sends a reply as AWS would: with an id of the request, and its length. */
export const send = (response: ServerResponse, { status, headers, body }: Reply): void => {
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    ...headers,
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
};
