import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { shownValue } from '../lambda/core/base/shown.ts';
import { OPERATOR } from './credentials.ts';
import { DEEDS, isDeed } from './deeds.ts';
import type { DemoControl } from './demo-control.ts';
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

/** What the local cloud's own interface works on. */
export type Controlled = { faults: Faults; demo?: DemoControl };

/**
 * The local cloud's own interface under `/_local/`, with the operator's secret in place of a signature since it is no part of AWS:
 * `/_local/faults` takes a fault by POST, lists the faults that are left by GET and forgets them all by DELETE;
 * `/_local/demo-servers` takes `{"server","do"}` by POST and lists their names by GET. A refusal is `{"error": SENTENCE}`.
 */
export const control = async (
  { faults, demo }: Controlled,
  { method, headers }: Pick<IncomingMessage, 'method' | 'headers'>,
  path: string,
  body: Buffer,
): Promise<Reply> => {
  if (!isAuthorised(headers.authorization)) return json(401, { error: NO_KEY });
  try {
    if (path === '/_local/faults') return ofFaults(faults, method, body);
    if (path === '/_local/demo-servers') return await ofDemo(demo, method, body);
  } catch (error) {
    return json(400, { error: (error as Error).message });
  }
  return json(404, { error: `Expected /_local/faults or /_local/demo-servers, received ${path}.` });
};

const ofFaults = (faults: Faults, method: string | undefined, body: Buffer): Reply => {
  if (method === 'GET') return json(200, { faults: faults.list() });
  if (method === 'DELETE') {
    faults.clear();
    return json(200, { faults: [] });
  }
  if (method === 'POST') return json(200, faults.add(parse(body)));
  return json(405, { error: `Expected GET, POST or DELETE, received ${method}.` });
};

const ofDemo = async (
  demo: DemoControl | undefined,
  method: string | undefined,
  body: Buffer,
): Promise<Reply> => {
  if (method === 'GET') return json(200, { servers: demo?.names ?? [] });
  if (method !== 'POST') return json(405, { error: `Expected GET or POST, received ${method}.` });
  if (demo === undefined)
    throw new Error(
      'This local cloud has no demo servers: it was started with --config or --assembly, and watches yours.',
    );
  const { server, do: deed } = Object(parse(body)) as { server?: unknown; do?: unknown };
  if (!isDeed(deed))
    throw new Error(
      `Expected "do" to be one of ${Object.keys(DEEDS).join(', ')}, received ${shownValue(deed, 200)}.`,
    );
  return json(200, {
    message: await demo.perform(typeof server === 'string' ? server : shownValue(server, 200), deed),
  });
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
