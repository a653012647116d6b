import type { SwitchoverConfig } from '../lib/config/index.ts';
import { DEMO_LEVERS, type DemoLever } from './demo-levers.ts';
import { PRIMARY, STANDBY } from './demo-servers.ts';

/** The website of the demo: a name in a zone that exists on this machine only. */
export const DEMO_SITE = 'www.dyn.example.test';

/** How eagerly the demo watches. */
export type Pace = {
  intervalSeconds: number;
  ttlSeconds: number;
  failuresToDown: number;
  successesToUp: number;
  downForSeconds: number;
  confirmEverySeconds: number;
};

/** The configuration with which the demo servers, both on `port`, are watched from three regions. */
export const demoConfig = (
  port: number,
  { intervalSeconds, ...pace }: Pace,
  lever: DemoLever = DEMO_LEVERS.record!,
): SwitchoverConfig => ({
  deployment: 'demo',
  local: true,
  homeRegion: 'eu-west-2',
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [{ name: 'dyn.example.test' }],
  alerts: { emails: ['ops@example.test'] },
  intervalSeconds,
  sites: [
    {
      name: DEMO_SITE,
      ...pace,
      ...lever.fields([PRIMARY, STANDBY]),
      probe: {
        url: `http://${DEMO_SITE}:${port}/healthz`,
        bodyIncludes: 'ok',
        timeoutSeconds: Math.min(3, intervalSeconds / 2),
      },
    },
  ],
});
