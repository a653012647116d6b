/** What a CDK app imports of this package. */
export { defineConfig, type SwitchoverConfig } from './config/define.ts';
