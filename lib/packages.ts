/**
 * The names under which this is published. A name belongs to whoever publishes it first, and the registry refuses one that is too much
 * like another. Then set SCOPE to a scope of yours, such as `@example/`: names in a scope are yours alone.
 */
const SCOPE = '';

/**
 * Whether these names at the registry are the publisher's. A scope is; without one set this to true once the first version is published,
 * and not before: a project that `init` writes then names the package by its version, which is fetched from there.
 */
export const IS_PUBLISHED: boolean = SCOPE !== '';

export const PACKAGES = {
  main: `${SCOPE}switchover`,
  gate: `${SCOPE}switchover-gate`,
  create: `${SCOPE}create-switchover`,
} as const;

/** The oldest of each that this is tested with, by `.ci/checks/package.test.ts`. */
export const FLOORS = { 'aws-cdk-lib': '2.271.0', constructs: '10.5.0', node: '20.17' } as const;
