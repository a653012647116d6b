export { type Checked, checkConfig } from './check.ts';
export { defineConfig, type SwitchoverConfig } from './define.ts';
export { exampleText } from './example.ts';
export { loadConfig, readConfig } from './load.ts';
export { ConfigError, type Problem } from './problems.ts';
