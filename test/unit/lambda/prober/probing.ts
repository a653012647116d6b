import assert from 'node:assert/strict';
import { type Code, outcomeOf } from '../../../../lambda/core/probe/outcome.ts';
import type { Observation, ProbeRequest } from '../../../../lambda/core/probe/request.ts';
import { probeBatch } from '../../../../lambda/prober/batch.ts';
import { type ProbeOptions, probe } from '../../../../lambda/prober/http.ts';
import { AUTHORITY } from './servers.ts';

/** Short, for tests whose server never answers. */
export const TIMEOUT_MS = 300;

export const requestOf = (port: number, changes: Partial<ProbeRequest> = {}): ProbeRequest => ({
  id: 'one',
  url: `http://www.site.test:${port}/healthz?full=1`,
  address: '127.0.0.1',
  method: 'GET',
  headers: {},
  expectStatus: [200],
  timeoutMs: TIMEOUT_MS,
  ...changes,
});

export const overTls = (port: number, changes: Partial<ProbeRequest> = {}): ProbeRequest =>
  requestOf(port, { url: `https://www.site.test:${port}/`, ...changes });

/**
 * Probes, and checks what must hold for every probe whatever the server did. A prober that was starved has measured nothing:
 * on a machine this busy it is asked again.
 */
export const observe = async (
  request: ProbeRequest,
  options: ProbeOptions = {},
  triesLeft = 3,
): Promise<Observation> => {
  const startedAt = performance.now();
  const observation = await probe(request, { ca: AUTHORITY, ...options });
  const elapsedMs = performance.now() - startedAt;
  assert.ok(elapsedMs < request.timeoutMs + 2_000, `took ${elapsedMs} ms: ${JSON.stringify(observation)}`);
  assert.equal(observation.id, request.id);
  assert.equal(observation.outcome, outcomeOf(observation.code as Code, request));
  assert.match(observation.detail, /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]{1,200}$/u);
  if (observation.code !== 'starved' || triesLeft === 0) return observation;
  return observe(request, options, triesLeft - 1);
};

/**
 * The observations of one batch. One in which a prober was starved is asked again, as above: a flood that starves others does so each time,
 * a busy machine does not.
 */
export const observeBatch = async (probes: ProbeRequest[], triesLeft = 3): Promise<Observation[]> => {
  const { observations } = await probeBatch({ probes, deadlineMs: 20_000 });
  const isStarved = observations.some(({ code }) => code === 'starved');
  return isStarved && triesLeft > 0 ? observeBatch(probes, triesLeft - 1) : observations;
};
