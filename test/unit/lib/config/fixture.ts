import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, checkConfig, type Problem } from '../../../../lib/config/index.ts';

type Fields = Record<string, unknown>;

export const primary = (fields: Fields = {}): Fields => ({
  name: 'primary',
  ipv4: ['203.0.113.10'],
  ...fields,
});

export const standby = (fields: Fields = {}): Fields => ({
  name: 'standby',
  ipv4: ['198.51.100.20'],
  ...fields,
});

export const probe = (fields: Fields = {}): Fields => ({
  url: 'https://www.example.co.uk/healthz',
  ...fields,
});

export const site = (fields: Fields = {}): Fields => ({
  name: 'www.dyn.example.co.uk',
  servers: [primary(), standby()],
  probe: probe(),
  ...fields,
});

/** A configuration without problems or warnings, but for `fields`. */
export const config = (fields: Fields = {}): Fields => ({
  deployment: 'main',
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [{ name: 'dyn.example.co.uk' }],
  alerts: { emails: ['ops@example.co.uk'] },
  sites: [site()],
  ...fields,
});

/** The problems of `input`; fails when there are none. */
export const problemsOf = (input: unknown): Problem[] => {
  try {
    checkConfig(input);
  } catch (error) {
    assert.ok(error instanceof ConfigError, String(error));
    return error.problems;
  }
  return assert.fail('the configuration was accepted');
};

/** Fields to set, the path of the one problem they make, and what is said of it. */
export type Refusal = [fields: unknown, path: string, message: RegExp];

/** Each row is refused with one problem, at exactly its path, said as a sentence with a way out. */
export const testRefusals = (what: string, rows: Refusal[], build: (fields: never) => unknown): void => {
  test(what, async (t) => {
    for (const [fields, path, message] of rows) {
      await t.test(`${path}: ${message.source}`, () => {
        const problems = problemsOf(build(fields as never));
        assert.deepEqual(
          problems.map((problem) => problem.path),
          [path],
        );
        assert.match(problems[0]?.message ?? '', message);
        assert.match(problems[0]?.message ?? '', /^Expected .*, received .*; .*\.$/s);
      });
    }
  });
};
