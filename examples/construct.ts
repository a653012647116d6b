import { App, Stack } from 'aws-cdk-lib';
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import { Switchover } from '../lib/index.ts';

const app = new App();
const stack = new Stack(app, 'Shop', { env: { region: 'eu-west-2' } });
const zone = new PublicHostedZone(stack, 'Zone', { zoneName: 'dyn.shop.test' });

new Switchover(stack, 'Failover', {
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
  zones: [zone],
  alerts: { emails: ['ops@shop.test'] },
  sites: [
    {
      name: 'www.dyn.shop.test',
      servers: [
        { name: 'primary', ipv4: ['5.9.10.10'] },
        { name: 'standby', ipv4: ['5.9.20.20'] },
      ],
      probe: { url: 'https://www.shop.test/healthz' },
    },
  ],
});
