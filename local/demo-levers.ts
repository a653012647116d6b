import type { SwitchoverConfig } from '../lib/config/index.ts';

type DemoSite = NonNullable<SwitchoverConfig['sites']>[number];
type DemoServer = { name: string; address: string };

/** A lever as the demo shows it: how the site is configured, and what differs for those who look from outside. */
export type DemoLever = {
  /** The fields of the site that belong to the lever, the servers among them. */
  fields(servers: readonly DemoServer[]): Pick<DemoSite, 'lever' | 'readdress' | 'servers'>;
  /** The addresses that DNS answers with while this server serves, the others well. */
  addressesWith(server: DemoServer): string;
  /** What fetching the page comes to when the primary has died and nothing has moved yet. */
  deadPage: string;
  /** What moves, as a title. */
  move: string;
  /** The mails of a failover, by kind, and a part of their subjects. */
  failoverMails: [kind: string, subject: string][];
};

/** An address of this machine that stands for the Elastic IP. */
const ELASTIC_IP = '127.0.0.10';

export const DEMO_LEVERS: Record<string, DemoLever> = {
  record: {
    fields: (servers) => ({ servers: servers.map(({ name, address }) => ({ name, ipv4: [address] })) }),
    addressesWith: ({ address }) => address,
    deadPage: 'ECONNREFUSED',
    move: 'The records are swapped, and people are told.',
    failoverMails: [['failover', 'standby serves']],
  },
  readdress: {
    fields: (servers) => ({
      lever: 'readdress',
      readdress: { address: ELASTIC_IP, allocationId: 'eipalloc-0123456789abcdef0' },
      servers: servers.map(({ name, address }, index) => ({
        name,
        probeAddress: address,
        holder: `i-0123456789abcdef${index}`,
      })),
    }),
    addressesWith: () => ELASTIC_IP,
    // The local EC2's forwarder has the address, and nobody behind it.
    deadPage: 'ECONNRESET',
    move: 'The Elastic IP is given to the standby, DNS stays as it is, and people are told.',
    failoverMails: [
      ['failover', 'standby serves'],
      ['moved', 'standby has it'],
    ],
  },
};
