/** What an app gives to a construct, where it could be synthesized and could not work: refused in one sentence each. */
import { Stack, type StackProps, Token } from 'aws-cdk-lib';
import { CfnHostedZone, type IHostedZone, PrivateHostedZone } from 'aws-cdk-lib/aws-route53';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { Construct } from 'constructs';
import { received } from './config/problems.ts';
import { KEYS } from './config/schema.ts';

/** What is a field of a configuration and no property of the construct, with the reason. */
const SAID_BY_THE_STACK = {
  homeRegion: 'decisions are made in the region of the stack',
  local: 'a construct is there to be deployed, and `switchover start` takes a configuration file',
} as const;

/** The properties of the construct: the fields of a configuration but those, and what only a construct has. */
export const CONSTRUCT_KEYS: readonly string[] = [
  ...(KEYS[''] ?? []).filter((key) => !(key in SAID_BY_THE_STACK)),
  'vantageStackProps',
];

/** Throws where a field of a configuration is given whose value is the stack's to say: JavaScript checks no types. */
export const refuseWhatTheStackSays = (scope: Construct, props: object): void => {
  for (const [key, reason] of Object.entries(SAID_BY_THE_STACK))
    if (key in props)
      throw new Error(
        `Expected no ${key} from ${scope.node.path}, received ${received(props[key as keyof typeof props])}: ${reason}, so leave it out.`,
      );
};

/** Throws where the stacks of several kinds would get one name. */
export const refuseStackName = (scope: Construct, props: StackProps | undefined): void => {
  if (props?.stackName === undefined) return;
  throw new Error(
    `Expected no stackName from vantageStackProps of ${scope.node.path}, received "${props.stackName}": two stacks can be in one region and would have that name both, so leave it out.`,
  );
};

/** Throws where nothing can be published to a topic by functions of this region. */
export const refuseTopic = (scope: Construct, topic: ITopic): void => {
  const at = `alerts.topic of ${scope.node.path}`;
  if (topic.fifo)
    throw new Error(
      `Expected a standard topic as ${at}, received one that is FIFO, which mails nobody and wants a group with each message: give another, or leave it out.`,
    );
  const { region } = Stack.of(scope);
  const other = topic.env.region;
  if (Token.isUnresolved(other) || other === region) return;
  throw new Error(
    `Expected a topic in ${region}, the region of its stack, as ${at}, received one in ${other}, to which the functions cannot publish: give one of ${region}, or leave it out.`,
  );
};

/** Throws where the records of a zone are seen by nobody outside a network. */
export const refusePrivateZone = (scope: Construct, zone: IHostedZone): void => {
  const made = zone.node.defaultChild;
  const vpcs = made instanceof CfnHostedZone ? Stack.of(made).resolve(made.vpcs) : undefined;
  if (!(zone instanceof PrivateHostedZone) && !vpcs?.length) return;
  throw new Error(
    `Expected a public hosted zone in zones of ${scope.node.path}, received the private ${zone.zoneName}, which visitors cannot ask: give the public zone of that name.`,
  );
};

/** As Route 53's own answers write an id, and people copy it. */
const PREFIX = '/hostedzone/';

/** The id of a zone without what Route 53's answers put before it. Throws where it is known and no id. */
export const zoneIdOf = (scope: Construct, id: string): string => {
  if (Token.isUnresolved(id)) return id;
  const bare = id.startsWith(PREFIX) ? id.slice(PREFIX.length) : id;
  if (/^Z[A-Z0-9]{1,31}$/.test(bare)) return bare;
  throw new Error(
    `Expected a hosted zone id such as Z0123456789ABCDEFGHIJ in zones of ${scope.node.path}, received "${id}": copy it from the Route 53 console.`,
  );
};
