import type { SwitchoverConfig } from '../lib/config/index.ts';
import { PRIMARY, STANDBY } from './demo-servers.ts';

/** The website of the demo: a name in a zone that exists on this machine only. */
export const DEMO_SITE = 'www.dyn.example.test';
/** The name that always means the serving server alone, with the lever `dual`. */
export const DEMO_PRIMARY_NAME = 'www-primary.dyn.example.test';

/** An address of this machine that stands for an Elastic IP, with the lever `readdress`. */
export const ELASTIC_IP = '127.0.0.10';

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
      // Here they cost nothing, and a newcomer sees how fast each server answers.
      metrics: true,
      servers: [PRIMARY, STANDBY].map(({ name, address }) => ({ name, ipv4: [address] })),
      probe: {
        url: `http://${DEMO_SITE}:${port}/healthz`,
        bodyIncludes: 'ok',
        timeoutSeconds: Math.min(3, intervalSeconds / 2),
      },
    },
  ],
});

/** The same with the lever `dual`: a standby whose gate knows the probe by its header. */
export const demoDualConfig = (port: number, pace: Pace): SwitchoverConfig => {
  const config = demoConfig(port, pace);
  const dual = { primaryName: DEMO_PRIMARY_NAME, probeHeader: 'x-probe-key', joinAfterSeconds: 0 };
  const headers = { 'x-probe-key': 'known to the demo alone' };
  return {
    ...config,
    sites: config.sites?.map((site) => ({ ...site, lever: 'dual', dual, probe: { ...site.probe, headers } })),
  };
};

/** The same with the lever `readdress`: both servers are instances, and one of them has the Elastic IP. */
export const demoReaddressConfig = (port: number, pace: Pace): SwitchoverConfig => {
  const config = demoConfig(port, pace);
  const readdress = { address: ELASTIC_IP, allocationId: 'eipalloc-0123456789abcdef0' };
  const servers = [PRIMARY, STANDBY].map(({ name, address }, index) => ({
    name,
    probeAddress: address,
    holder: `i-0123456789abcdef${index}`,
  }));
  return {
    ...config,
    sites: config.sites?.map((site) => ({ ...site, lever: 'readdress', readdress, servers })),
  };
};
