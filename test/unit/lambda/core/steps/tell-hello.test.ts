import assert from 'node:assert/strict';
import { test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../../fixtures/virtual/world.ts';
import type { BrowserHello } from '../../../../../lambda/core/probe/browser-hello.ts';
import { emptyState, type SiteState } from '../../../../../lambda/core/state/site-state.ts';
import { tellHello } from '../../../../../lambda/core/steps/tell-hello.ts';
import { inWords } from '../../../../support/in-words.ts';

const site = virtualSite('www');
const config = virtualConfig([site]);
const NOW_MS = Date.UTC(2026, 10, 29);
const FAILED: BrowserHello = { outcome: 'failed', detail: 'the server reset the connection' };
const PASSED: BrowserHello = { outcome: 'passed', detail: 'a TLS handshake' };

/** The state after a look of one vantage in which the standby did this with a large hello. */
const after = (
  state: SiteState,
  vantage: string,
  browserHello: BrowserHello | undefined,
  stateKnown = true,
): SiteState => {
  const seen = { outcome: 'passed', code: 'ok', detail: 'status 200', totalMs: 5 } as const;
  const standby = { ...seen, ...(browserHello && { browserHello }) };
  const look = { startMs: NOW_MS, full: false, sightings: { [vantage]: { primary: seen, standby } } };
  return tellHello({ site, look, nowMs: NOW_MS, stateKnown }, state);
};

const told = (state: SiteState) =>
  inWords(site, config, state).filter(({ kind }) => kind === 'hello-refused');

test('a server that takes no large hello is told once, with what was seen, from where, and what to do', () => {
  let state = after(emptyState(), 'eu-west-2', FAILED);
  for (const vantage of ['eu-west-2', 'eu-west-1', 'eu-west-2']) state = after(state, vantage, FAILED);
  const [only, ...more] = told(state);
  assert.deepEqual(more, []);
  assert.match(only?.subject ?? '', /standby takes no TLS hello as large as a browser's \[/);
  assert.match(only?.text ?? '', /as eu-west-2 sees it: the server reset the connection\. /);
  assert.match(only?.text ?? '', /Nothing moves for it by itself/);
  assert.match(only?.text ?? '', /What you can do Look at what stands before the server/);
});

test('it is told again once the vantage that found it saw such a hello taken, and for no other vantage', () => {
  let state = after(emptyState(), 'eu-west-2', FAILED);
  state = after(after(state, 'eu-west-1', PASSED), 'eu-west-1', FAILED);
  assert.equal(told(state).length, 1, 'what breaks it may stand on one way alone');
  state = after(state, 'eu-west-2', PASSED);
  assert.deepEqual(state.told.hellos, {});
  state = { ...state, outbox: [] };
  assert.equal(told(after(state, 'eu-west-1', FAILED)).length, 1);
});

test('a look without a large hello changes nothing, nor does one while nothing is known of what was told', () => {
  const state = after(emptyState(), 'eu-west-2', FAILED);
  assert.equal(after(state, 'eu-west-2', undefined), state);
  const empty = emptyState();
  assert.equal(after(empty, 'eu-west-2', FAILED, false), empty);
});
