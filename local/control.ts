import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { OPERATOR } from './credentials.ts';
import type { Faults } from './faults.ts';
import type { Reply } from './service.ts';

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
});

/** The header `authorization` of a request to the local cloud's own interface. */
export const CONTROL_KEY = `Bearer ${OPERATOR.secretAccessKey}`;

const NO_KEY =
  "Expected the operator's key of this start; the file authorization.txt of the state directory has it for curl: curl -H " +
  '@.switchover/authorization.txt ...';

/**
 * The local cloud's own interface under `/_local/`, with the operator's secret in place of a signature since it is no part of AWS:
 * `/_local/faults` takes a fault by POST, lists the faults that are left by GET and forgets them all by DELETE. A refusal is
 * `{"error": SENTENCE}`.
 */
export const control = (
  faults: Faults,
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  path: string,
  body: Buffer,
): Reply => {
  if (!isAuthorised(headers.authorization)) return json(401, { error: NO_KEY });
  if (path !== '/_local/faults') return json(404, { error: `Expected /_local/faults, received ${path}.` });
  if (method === 'GET') return json(200, { faults: faults.list() });
  if (method === 'DELETE') {
    faults.clear();
    return json(200, { faults: [] });
  }
  if (method !== 'POST') return json(405, { error: `Expected GET, POST or DELETE, received ${method}.` });
  try {
    return json(200, faults.add(parse(body)));
  } catch (error) {
    return json(400, { error: (error as Error).message });
  }
};

const isAuthorised = (received = ''): boolean => timingSafeEqual(digest(received), digest(CONTROL_KEY));

const digest = (text: string): Buffer => createHash('sha256').update(text).digest();

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Error(`Expected the body to be JSON: ${(cause as Error).message}.`, { cause });
  }
};
