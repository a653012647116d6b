import type { SwitchoverConfig } from './input.ts';

export type { SwitchoverConfig };

/** Gives an editor the types of the configuration while it is written; it is checked when it is loaded. */
export const defineConfig = (config: SwitchoverConfig): SwitchoverConfig => config;
