import type { SwitchoverConfig } from '../lib/config/index.ts';
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
export const demoConfig = (port: number, { intervalSeconds, ...pace }: Pace): SwitchoverConfig => ({
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
      servers: [PRIMARY, STANDBY].map(({ name, address }) => ({ name, ipv4: [address] })),
      probe: {
        url: `http://${DEMO_SITE}:${port}/healthz`,
        bodyIncludes: 'ok',
        timeoutSeconds: Math.min(3, intervalSeconds / 2),
      },
    },
  ],
});
