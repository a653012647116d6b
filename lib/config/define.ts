import type { SwitchoverConfig } from './input.ts';

export type * from './input.ts';

/** Gives an editor the types of the configuration while it is written; it is checked when it is loaded. */
export const defineConfig = (config: SwitchoverConfig): SwitchoverConfig => config;
