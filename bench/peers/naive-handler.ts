// By its path: beside our prober the package has its client alone.

import type { ProberEvent } from '../../lambda/core/probe/request.ts';
import { Agent, request } from '../../node_modules/undici/index.js';

const agent = new Agent({ connect: { rejectUnauthorized: false } });

/** What one writes first: undici's agent, all requests at once, no limit but undici's own, no verification, no reasons. */
export const handler = async ({ probes }: ProberEvent): Promise<{ observations: object[] }> => ({
  observations: await Promise.all(
    probes.map(async ({ id, url, address, bodyIncludes = '' }) => {
      const { protocol, host, port, pathname } = new URL(url);
      const options = { dispatcher: agent, headers: { host } };
      const { statusCode, body } = await request(`${protocol}//${address}:${port}${pathname}`, options);
      const passed = statusCode === 200 && (await body.text()).includes(bodyIncludes);
      return { id, code: passed ? 'ok' : 'bad' };
    }),
  ),
});
