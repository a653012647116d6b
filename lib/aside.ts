import {
  type Config,
  hasSecrets,
  movesElasticIps,
  type NotifierConfig,
  zoneAccounts,
} from '../lambda/core/site/site.ts';

/** What lies beside a function: all of the configuration, or what the notifier has of it. */
export type Baked = Config | NotifierConfig;

/**
 * Code of packages that lies beside the bundles that want it: because it is large and wanted by few, or because several
 * want the same. `exports` has the names that `lambda/` imports of each package.
 */
export type Aside = {
  /** The name under which a bundle loads it. */
  name: string;
  exports: Readonly<Record<string, readonly string[]>>;
  wanted(config: Baked | undefined): boolean;
};

const has =
  (answer: (config: Config) => boolean): Aside['wanted'] =>
  (config) =>
    config !== undefined && 'sites' in config && answer(config);

/** The folder beside them with what the clients of the SDK share: two thirds of each, whichever client is asked for. */
export const BASE = 'aws-sdk-base';

/** Whether an aside asks for `BASE`. */
export const hasBase = ({ exports }: Aside): boolean =>
  Object.keys(exports).some((from) => from.startsWith('@aws-sdk/'));

export const ASIDES: readonly Aside[] = [
  {
    // The clients that every function at home may need.
    name: 'aws-sdk-clients',
    exports: {
      '@aws-sdk/client-dynamodb': [
        'BatchGetItemCommand',
        'ConditionalCheckFailedException',
        'DynamoDBClient',
        'GetItemCommand',
        'PutItemCommand',
        'QueryCommand',
        'UpdateItemCommand',
      ],
      '@aws-sdk/client-lambda': ['InvokeCommand', 'LambdaClient'],
      '@aws-sdk/client-route-53': [
        'ChangeResourceRecordSetsCommand',
        'GetChangeCommand',
        'GetHostedZoneCommand',
        'ListHostedZonesByNameCommand',
        'ListResourceRecordSetsCommand',
        'Route53Client',
      ],
      '@aws-sdk/client-sns': ['ListSubscriptionsByTopicCommand', 'PublishCommand', 'SNSClient'],
    },
    wanted: () => true,
  },
  {
    name: '@aws-sdk/client-ec2',
    exports: {
      '@aws-sdk/client-ec2': [
        'AssociateAddressCommand',
        'DescribeAddressesCommand',
        'DisassociateAddressCommand',
        'EC2Client',
      ],
    },
    wanted: has(movesElasticIps),
  },
  {
    name: '@aws-sdk/client-ssm',
    exports: { '@aws-sdk/client-ssm': ['GetParametersCommand', 'SSMClient'] },
    // Without sites it is the notifier's, which reads what lets it post.
    wanted: (config) => config !== undefined && (!('sites' in config) || hasSecrets(config)),
  },
  {
    name: '@aws-sdk/client-sts',
    exports: { '@aws-sdk/client-sts': ['AssumeRoleCommand', 'STSClient'] },
    wanted: has((config) => zoneAccounts(config).length > 0),
  },
  {
    name: 'undici',
    // The client alone: the rest of undici is as large again, and takes as long to load.
    exports: { 'undici/lib/dispatcher/client.js': ['default as Client'] },
    wanted: () => true,
  },
];

/** Which name a bundle asks for in place of a package's own. */
export const ASIDE_NAMES: Readonly<Record<string, string>> = Object.fromEntries(
  ASIDES.flatMap(({ name, exports }) =>
    Object.keys(exports)
      .filter((from) => from.startsWith('@') && from !== name)
      .map((from) => [from, name]),
  ),
);
