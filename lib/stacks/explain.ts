import { Stack, Token, Validations } from 'aws-cdk-lib';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import type { IConstruct } from 'constructs';
import { type Config, movesElasticIps } from '../../lambda/core/site/site.ts';
import { addressRegion } from './address-grants.ts';

const known = (value: string, name: string): string => (Token.isUnresolved(value) ? `<${name}>` : value);

/** As cdk-nag spells what a deployment fills in; a flag of the app decides whether the partition is among it. */
const arnStart = (scope: IConstruct): string => `arn:${known(Stack.of(scope).partition, 'AWS::Partition')}`;

/** Why a role may ask after any change. */
export const explainChanges = (role: IConstruct): void =>
  Validations.of(role).acknowledge({
    id: `AwsSolutions-IAM5[Resource::${arnStart(role)}:route53:::change/*]`,
    reason:
      'Route 53 makes the ids of changes up as they come, and GetChange tells a status and a time, no content.',
  });

/** Why a function's role has stars: what AWS lets nobody name is acknowledged to cdk-nag, each with its reason. */
export const explainWidth = ({ role }: LambdaFunction, config: Config): void => {
  if (role === undefined) return;
  const { account } = Stack.of(role);
  const arn = arnStart(role);
  explainChanges(role);
  if (!movesElasticIps(config)) return;
  Validations.of(role).acknowledge({
    id: 'AwsSolutions-IAM5[Resource::*]',
    reason:
      'EC2 lets nobody name the addresses that DescribeAddresses may tell of; it tells ids and addresses.',
  });
  const regions = config.sites
    .filter(({ readdress }) => readdress?.allocationId !== undefined)
    .map((site) => addressRegion(config, site));
  for (const region of new Set(regions))
    Validations.of(role).acknowledge({
      id: `AwsSolutions-IAM5[Resource::${arn}:ec2:${region}:${known(account, 'AWS::AccountId')}:network-interface/*]`,
      reason:
        'Taking an address from an instance names its interface, known to AWS alone; only our addresses can be taken.',
    });
};
