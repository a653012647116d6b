import { defineConfig } from './lib/config/index.ts';

/**
 * The one file to edit. It is checked whole whenever it is used; try it with `npm run switchover -- check`.
 *
 * As it stands it describes an example: the addresses are those that RFC 5737 and RFC 3849 set aside for documentation.
 * Lines that are commented out show the default. Another file, `.ts` or `.json`, can be given with `--config FILE` or
 * SWITCHOVER_CONFIG=FILE. Durations are in seconds.
 */
export default defineConfig({
  /** Prefix of everything that is made in AWS: functions main-controller, main-console, main-prober, and so on. */
  deployment: 'main',

  /** true allows loopback and private addresses and short intervals, to try things on one machine; never deployed. */
  // local: false,

  /**
   * Where the controller, its state and the alerts live. Choose a region that your servers do not depend on, and not
   * us-east-1: the control plane of Route 53 is there, and would fail together with the controller.
   */
  homeRegion: 'eu-west-2',

  /** Where probes come from. A server is down when more than half of these regions agree, so three is a good number. */
  vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],

  /**
   * Hosted zones that hold the records to move. Delegate a small zone of its own to Route 53, and let the visitors' name
   * be a CNAME into it. Without an `id` the zone is created, and kept when the stack goes.
   */
  zones: [{ name: 'dyn.example.co.uk' /*, id: 'Z0123456789ABCDEFGHIJ' */ }],

  /** Who is told. AWS asks each address to confirm. E-mail does not wake people: subscribe a pager to the topic as well. */
  alerts: { emails: ['ops@example.co.uk'] },

  /** Each Monday at 09:00 UTC a message says that messages arrive. false leaves it out. */
  // weeklyTest: true,

  // references: [],

  /** Public resolvers that are asked after a switch, such as '9.9.9.9': when they had it is told with the other times. */
  // resolvers: [],

  /** Time between two looks while all is well, 5 to 60. With 60 a small site costs less than half. */
  // intervalSeconds: 10,
  // With more sites there are several controllers.
  // sitesPerController: 1000,

  /** The share of all sites that may move by themselves within one interval; one always may. 1 lets all go at once. */
  // maxMoveShare: 0.25,

  /** Any field of a site but its names, for all sites that do not set it themselves; `probe` is merged field by field. */
  // defaults: { ttlSeconds: 60, probe: { timeoutSeconds: 3 } },

  sites: [
    {
      /** The record that moves, inside one of the zones. It also names the site in commands and alerts. */
      name: 'www.dyn.example.co.uk',

      /** More records of the same zone that move together with it, in the same change. */
      // extraNames: [],

      /**
       * What visitors type, and what every probe asks each server for: Host header, SNI, certificate. It is the host of
       * `probe.url` and need not be repeated. Here www.example.co.uk is a CNAME to www.dyn.example.co.uk.
       */
      // host: 'www.example.co.uk',

      /** Labels for commands on many sites at once, such as `hold --tag shop`. */
      tags: ['shop'],

      /** How long resolvers may keep an answer. After a failover some visitors still see the old server for so long. */
      // ttlSeconds: 60,
      /** The TTL while another server than the preferred one serves, and the one to which a planned switch lowers it. */
      // ttlWhileFailedOverSeconds: 30,
      // ttlFloorSeconds: 10,

      /**
       * How a switch is carried out: by changing the records. With 'dual' the standby's address stands in DNS all the time, and
       * a gate before it sends visitors on until it must serve; it wants `dual` beside it, see docs/dual.md first. With 'readdress'
       * the records stay, and an address moves from server to server (an Elastic IP, or one of your own subnet); it wants
       * `readdress` beside it, see docs/readdress.md.
       */
      // lever: 'record',

      /**
       * In order of preference: the first is the primary. Each has addresses (`ipv4`, `ipv6`), or a `hostname` for a
       * CNAME (not at the apex of a zone), or an `alias` to a CloudFront distribution, load balancer or S3 website
       * (docs/writes.md). They must be its own: a name that moves would take the probe along.
       * `probeAddress` is for a server that answers probes at another address than visitors use.
       */
      servers: [
        { name: 'primary', ipv4: ['203.0.113.10'], ipv6: ['2001:db8:10::10'] },
        { name: 'standby', ipv4: ['198.51.100.20'], ipv6: ['2001:db8:20::20'] },
      ],

      /**
       * What a good server answers; docs/probes.md has all that can be asked. The certificate must be valid for the host.
       * tls://HOST:PORT asks for a handshake alone, tcp://HOST:PORT for a connection alone.
       */
      probe: {
        url: 'https://www.example.co.uk/healthz',
        bodyIncludes: 'ok',
        /** A regular expression instead, or as well: bodyMatches: '"status":\\s*"ok"' */
        // method: 'GET',
        // headers: {},
        // expectStatus: [200],
        /**
         * Also: expectStatus: ['200-299'], expectHeaders: { 'x-role': 'primary' }, bodyExcludes: 'maintenance',
         * bodyJson: { pointer: '/status', equals: 'ok' }, slowAfterSeconds: 2, minTls: '1.3', ca: { file: 'ca.pem' }
         */
        /** A header from SSM's parameter store: headers: { 'x-probe-key': { secret: '/switchover/probe-key' } } */
        /** How many redirects are followed, on the host itself and to those that `redirectHosts` names. */
        // followRedirects: 0,
        /** A firewall that answers instead of the server fails it; to stay put meanwhile: blockedIs: 'unknown' */
        /** For the whole probe; less than `intervalSeconds`. */
        // timeoutSeconds: 3,
      },

      /** A server is down after so many failed looks in a row that span at least `downForSeconds`: a restart is no outage. */
      // failuresToDown: 3,
      // downForSeconds: 10,

      /** It is up again after so many passed looks in a row. */
      // successesToUp: 3,

      /** Time between two looks once something is wrong: 2, or 1 where `downForSeconds` is below 4. */
      // confirmEverySeconds: 2,

      /**
       * What happens when the primary is up again: nothing, until somebody runs `npm run switchover -- failback SITE`, or a return
       * by itself once it has been up for a while.
       */
      failback: 'manual', // or { afterSeconds: 600 }

      /** A server that may serve when no other is known to be good, such as one with an apology: lastResort: 'standby' */

      /** Whether CloudWatch keeps how long probes took, for graphs, at some $9 a month (docs/dashboard.md): metrics: true */
    },
  ],
});
