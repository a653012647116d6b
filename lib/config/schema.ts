import * as z from 'zod';
import { addressRefusal, probeAddressRefusal, resolverRefusal } from './addresses.ts';
import { alertShape, CHANNEL_KEYS, tag } from './alert-schema.ts';
import { aliasRefusal } from './alias.ts';
import { fineSeconds, judged, list, object, say, seconds, share, text, whole } from './fields.ts';
import type { SwitchoverConfig } from './input.ts';
import { nameRefusal } from './names.ts';
import { jsonShape, probeShape } from './probe-schema.ts';
import { referenceRefusal, regionRefusal } from './values.ts';

const recordName = judged((value) => nameRefusal(value, 'a record name such as www.example.co.uk'));
const region = judged(regionRefusal);
const serverName = text(
  /^[a-z0-9-]{1,32}$/,
  'a server name of 1 to 32 small letters, digits and hyphens',
  'it appears in the role record, in commands and in alerts, so keep it short and plain',
);

const yesOrNo = z.boolean(say('true or false', 'write it without quotes'));

const zoneId = (wayOut: string) =>
  text(/^Z[A-Z0-9]{1,31}$/, 'a hosted zone id such as Z0123456789ABCDEFGHIJ', wayOut);

const serverShape = (local: boolean) => ({
  name: serverName,
  ipv4: list(
    judged((value) => addressRefusal(value, 4, local)),
    'a list of IPv4 addresses',
    'put brackets around it',
  ).optional(),
  ipv6: list(
    judged((value) => addressRefusal(value, 6, local)),
    'a list of IPv6 addresses',
    'put brackets around it',
  ).optional(),
  hostname: judged((value) =>
    nameRefusal(value, 'the host name of a server such as lb-1.example.net', local),
  ).optional(),
  alias: judged(aliasRefusal).optional(),
  aliasZoneId: zoneId(
    'drop it where the target is a CloudFront distribution, a load balancer or an S3 website',
  ).optional(),
  probeAddress: judged((value) => probeAddressRefusal(value, local)).optional(),
  holder: text(
    /^(i|eni)-[0-9a-f]{8,17}$/,
    'the id of an instance (i-…) or a network interface (eni-…)',
    'copy it from the EC2 console',
  ).optional(),
});

const readdressShape = (local: boolean) => ({
  address: judged((value) => addressRefusal(value, 4, local)),
  allocationId: text(
    /^eipalloc-[0-9a-f]{8,17}$/,
    'the allocation id of an Elastic IP such as eipalloc-0123456789abcdef0',
    'copy it from the EC2 console; leave it out where the hosts take the address by themselves',
  ).optional(),
  region: region.optional(),
});

const failbackShape = {
  afterSeconds: seconds(0, 604_800, 'count from when the preferred server is up again'),
};

/** The name of a role has 64 characters at most, and `-read` is put behind it (`readRoleArn`). */
const accountShape = {
  roleArn: text(
    /^arn:aws(-[a-z]+)*:iam::\d{12}:role\/([\w+=,.@-]{1,64}\/)*[\w+=,.@-]{1,59}$/,
    'the ARN of a role such as arn:aws:iam::111122223333:role/switchover-main, its name of at most 59 characters',
    'copy it from the account that has the zone; docs/zone-in-another-account.md says how the role is made',
  ),
  externalId: text(
    /^[\w+=,.@:/-]{2,256}$/,
    'an external id of 2 to 256 letters, digits and _ + = , . @ : / -',
    'choose one for this deployment alone; it is no secret',
  ),
};

const zoneShape = {
  name: judged((value) => nameRefusal(value, 'the name of a zone such as dyn.example.co.uk')),
  id: zoneId(
    'copy it from the Route 53 console without /hostedzone/, or drop `id` to have the zone created',
  ).optional(),
  account: object(accountShape).optional(),
};

const dualShape = (local: boolean) => ({
  primaryName: recordName,
  primaryHost: judged((value) =>
    nameRefusal(value, 'a host name such as www-primary.example.co.uk', local),
  ).optional(),
  probeHeader: text(
    /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/,
    'the name of a header such as x-probe-key',
    'name one of `probe.headers`, whose value nobody else knows',
  ),
  joinAfterSeconds: seconds(0, 86_400, 'the default is 300').optional(),
});

/** Whatever several sites may share. `name` and `extraNames` are not among it: a name belongs to one site. */
const sharedShape = (local: boolean) => ({
  host: judged((value) => nameRefusal(value, 'a host name such as www.example.co.uk', local)).optional(),
  tags: list(tag, 'a list of tags', 'put brackets around it').optional(),
  ttlSeconds: seconds(
    10,
    86_400,
    'shorter ones are ignored by many resolvers, longer ones keep visitors at a dead server; 60 suits most sites',
  ).optional(),
  ttlWhileFailedOverSeconds: seconds(
    1,
    86_400,
    'the default is 30, or `ttlSeconds` if that is less',
  ).optional(),
  ttlFloorSeconds: seconds(1, 86_400, 'the default is 10').optional(),
  lever: z
    .enum(
      ['record', 'dual', 'readdress'],
      say(
        "'record', 'dual' or 'readdress'",
        "'record' suits most sites; docs/dual.md and docs/readdress.md have the others",
      ),
    )
    .optional(),
  readdress: object(readdressShape(local)).optional(),
  servers: list(
    object(serverShape(local)),
    'a list of servers, the preferred one first',
    "write [{ name: 'primary', ipv4: [...] }, { name: 'standby', ipv4: [...] }]",
  ).optional(),
  probe: object(probeShape(local)).optional(),
  failuresToDown: whole(1, 20, 'a whole number from 1 to 20', 'the default is 3').optional(),
  successesToUp: whole(1, 20, 'a whole number from 1 to 20', 'the default is 3').optional(),
  downForSeconds: fineSeconds(0, 86_400, local, 'the default is 10').optional(),
  confirmEverySeconds: fineSeconds(
    1,
    60,
    local,
    'the default is 2, or 1 where `downForSeconds` is short',
  ).optional(),
  failback: z
    .union(
      [z.literal('manual'), object(failbackShape)],
      say("'manual' or { afterSeconds: NUMBER }", "'manual' waits for the command `failback SITE`"),
    )
    .optional(),
  lastResort: serverName.optional(),
  metrics: yesOrNo.optional(),
});

const siteShape = (local: boolean) => ({
  name: recordName,
  extraNames: list(recordName, 'a list of record names', 'put brackets around it').optional(),
  dual: object(dualShape(local)).optional(),
  ...sharedShape(local),
});

/** The schema of the configuration; `local` is what the configuration itself says. */
export const configSchema = (local: boolean) =>
  object({
    deployment: text(
      /^[a-z][a-z0-9-]{0,31}$/,
      'a prefix of 1 to 32 small letters, digits and hyphens, a letter first',
      "it begins the name of everything that is made in AWS; 'main' will do for the only deployment of an account",
    ),
    local: yesOrNo.optional(),
    homeRegion: region,
    vantages: list(region, 'a list of one or more AWS regions', 'three suit most sites', 1),
    zones: list(
      object(zoneShape),
      'a list of one or more zones',
      "write [{ name: 'dyn.example.co.uk' }], for example",
      1,
    ),
    alerts: z
      .union(
        [
          list(object(alertShape(local)), 'a list of who is told', 'put brackets around it'),
          object(alertShape(local)),
        ],
        say('an object, or a list of objects, of who is told', "write { emails: ['ops@example.co.uk'] }"),
      )
      .optional(),
    weeklyTest: yesOrNo.optional(),
    references: list(
      judged((value) => referenceRefusal(value, local)),
      'a list of URLs',
      "write ['https://www.example.org/'], for example: sites that are always there and not yours",
    ).optional(),
    resolvers: list(
      judged((value) => resolverRefusal(value, local)),
      'a list of IP addresses',
      "write ['9.9.9.9'], for example",
    ).optional(),
    intervalSeconds: seconds(
      local ? 1 : 5,
      60,
      `10 suits most sites${local ? '' : '; `local: true` allows 1'}`,
    ).optional(),
    sitesPerController: whole(
      1,
      1000,
      'a whole number of sites from 1 to 1000',
      'the default is 1000; with about 60, each controller may write exactly the names of its own sites',
    ).optional(),
    maxMoveShare: share('the default is 0.25; 1 lets all sites move at once').optional(),
    dashboard: yesOrNo.optional(),
    defaults: object(sharedShape(local)).optional(),
    sites: list(object(siteShape(local)), 'a list of sites', "write [{ name: 'www.…', … }]").optional(),
  });

/** Fails to compile when the schema and the documented type drift apart, optional fields included. */
type Alike<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
true satisfies Alike<z.input<ReturnType<typeof configSchema>>, SwitchoverConfig>;

/** The keys of every object in the configuration, by the field that holds it; `''` is the configuration itself. */
export const KEYS: Record<string, string[]> = {
  '': Object.keys(configSchema(false).shape),
  zones: Object.keys(zoneShape),
  account: Object.keys(accountShape),
  alerts: Object.keys(alertShape(false)),
  ...CHANNEL_KEYS,
  defaults: Object.keys(sharedShape(false)),
  sites: Object.keys(siteShape(false)),
  servers: Object.keys(serverShape(false)),
  readdress: Object.keys(readdressShape(false)),
  probe: Object.keys(probeShape(false)),
  bodyJson: Object.keys(jsonShape),
  failback: Object.keys(failbackShape),
  dual: Object.keys(dualShape(false)),
};
