import type { SwitchoverConfig } from '../lib/config/index.ts';
import type { Cloud } from './cloud.ts';
import { demoConfig, demoDualConfig, type Pace } from './demo-config.ts';
import { startGate } from './demo-gate.ts';
import { type DemoServers, startDemoServers, startServersBehindGate } from './demo-servers.ts';
import { type Stage, tell } from './story.ts';
import { tellDual } from './story-dual.ts';

/** How the demo shows a lever. */
export type DemoLever = {
  startServers(): Promise<DemoServers>;
  config(port: number, pace: Pace): SwitchoverConfig;
  /** What runs beside the servers once the local cloud is up; answers how to end it. */
  startBeside?(servers: DemoServers, cloud: Cloud, configFile: string): Promise<() => unknown>;
  tell(stage: Stage): Promise<void>;
};

export const DEMO_LEVERS: Record<string, DemoLever> = {
  record: { startServers: startDemoServers, config: demoConfig, tell },
  dual: {
    startServers: startServersBehindGate,
    config: demoDualConfig,
    startBeside: startGate,
    tell: tellDual,
  },
};
