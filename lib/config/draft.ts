import type { Config, Site } from '../../lambda/core/site/site.ts';
import type { SwitchoverConfig } from './input.ts';
import type { ProbeInput } from './probe-input.ts';

/**
 * `T` with `null` wherever the schema refused a value (it never lets `null` pass itself). Rules look at the rest and are
 * silent about what they cannot know, so that every problem is found at once and none of them twice.
 */
export type Draft<T> = T extends readonly (infer E)[]
  ? (Draft<E> | null)[]
  : T extends object
    ? { [K in keyof T]: Draft<T[K]> | null }
    : T;

export type SiteDraft = {
  site: Draft<Site>;
  /** Where the site was written: `sites[3]`. */
  path: string;
  /** Where a field of it was written: `at('probe.url')` is `sites[3].probe.url`, or `defaults.probe.url`. */
  at: (field: string) => string;
  /** Where its host was written: `sites[3].host`, or the URL it is taken from. */
  hostAt: string;
  /** Required fields that neither the site nor `defaults` has. */
  missing: ('servers' | 'probe.url')[];
  /** Fields of the probe that say nothing to one of its kind. */
  idle: Idle[];
};

/** `sites` leaves out what is no object at all; a configuration without findings has them all. */
export type ConfigDraft = Omit<Draft<Config>, 'sites'> & { sites: SiteDraft[] };

/** The configuration is shallower than this: `sites[0].servers[0].ipv4[0]`. */
const DEPTH_MAX = 8;

/** A copy of `input` with `null` at the spoiled paths. */
export const prune = (input: unknown, spoiled: readonly PropertyKey[][]): Draft<SwitchoverConfig> | null => {
  const root = { input: copy(input, DEPTH_MAX) };
  for (const path of spoiled) {
    const way: PropertyKey[] = ['input', ...path];
    const parent = way
      .slice(0, -1)
      .reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown> | null)?.[key], root);
    if (typeof parent === 'object' && parent !== null) Object.assign(parent, { [way.at(-1) ?? '']: null });
  }
  return root.input as Draft<SwitchoverConfig> | null;
};

const copy = (value: unknown, depth: number): unknown => {
  if (typeof value !== 'object' || value === null || depth === 0) return value;
  if (Array.isArray(value)) return value.map((element) => copy(element, depth - 1));
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copy(inner, depth - 1)]));
};

/** A field that was written for a probe that has no use for it, and the scheme of that probe's URL. */
export type Idle = { field: Field; scheme: string };

export type Field = keyof ProbeInput;
