/**
 * The names under which this is published. A name belongs to whoever publishes it first, and the registry refuses one that is too much
 * like another. Then set SCOPE to a scope of yours, such as `@example/`: names in a scope are yours alone.
 */
const SCOPE = '';

export const PACKAGES = {
  main: `${SCOPE}switchover`,
  gate: `${SCOPE}switchover-gate`,
  create: `${SCOPE}create-switchover`,
} as const;
