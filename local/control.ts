import type { Faults } from './faults.ts';
import type { Reply } from './service.ts';

const json = (status: number, value: unknown): Reply => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: `${JSON.stringify(value)}\n`,
});

/**
 * The local cloud's own interface under `/_local/`, unsigned since it is no part of AWS: `/_local/faults` takes a fault by
 * POST, lists the faults that are left by GET and forgets them all by DELETE. A refusal is `{"error": SENTENCE}`.
 */
export const control = (faults: Faults, method: string | undefined, path: string, body: Buffer): Reply => {
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

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch (cause) {
    throw new Error(`Expected the body to be JSON: ${(cause as Error).message}.`, { cause });
  }
};
