import { type Config, hasSecrets, movesElasticIps } from '../lambda/core/site/site.ts';

/** A package that is large and wanted by few. It lies beside a bundle that wants it, and is loaded when it is used. */
export type Aside = { name: string; contents: string; wanted(config: Config | undefined): boolean };

const asideOf = (client: string, names: string, wanted: (config: Config) => boolean): Aside => ({
  name: client,
  contents: `export { ${names} } from '${client}';`,
  wanted: (config) => config !== undefined && wanted(config),
});

export const ASIDES: readonly Aside[] = [
  asideOf(
    '@aws-sdk/client-ec2',
    'EC2Client, AssociateAddressCommand, DescribeAddressesCommand, DisassociateAddressCommand',
    movesElasticIps,
  ),
  asideOf('@aws-sdk/client-ssm', 'SSMClient, GetParametersCommand', hasSecrets),
  {
    name: 'undici',
    // The client alone: the rest of undici is as large again, and takes as long to load.
    contents: "export { default as Client } from 'undici/lib/dispatcher/client.js';",
    wanted: () => true,
  },
];
