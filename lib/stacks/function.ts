import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Construct } from 'constructs';
import { functionNames, HANDLER } from '../../lambda/contract.ts';
import type { Config } from '../../lambda/core/site/site.ts';
import { PROBER_ENVIRONMENT, proberMemoryMb } from './prober-memory.ts';

export type FunctionSpec = {
  /** Construct id and prefix of the ids of its role and log group: `Controller`. */
  id: string;
  name: string;
  /** The name of its role; CloudFormation makes one up without. */
  roleName?: string;
  description: string;
  /** A directory made by `lib/bundle.ts`. */
  code: string;
  memoryMb: number;
  timeoutSeconds: number;
  environment?: Record<string, string>;
  /** What it may do beyond writing its own log. */
  grants?: PolicyStatement[];
};

/** The construct of the first of several keeps the plain id, as what it makes keeps the plain name. */
export const numberedId = (id: string, controller: number): string =>
  controller === 1 ? id : `${id}${controller}`;

/** A function with a role and a log group of its own. The CDK's default role is wider: it may write any log group. */
export const newFunction = (scope: Construct, spec: FunctionSpec): LambdaFunction => {
  const logGroup = new LogGroup(scope, `${spec.id}Logs`, {
    logGroupName: `/aws/lambda/${spec.name}`,
    retention: RetentionDays.ONE_MONTH,
    // The history worth keeping is in the table. A log group left behind would block the next deployment by its name.
    removalPolicy: RemovalPolicy.DESTROY,
  });
  // Its own log streams only: the log is where an operator looks first when nothing else works.
  const ownLog = new PolicyStatement({
    actions: ['logs:CreateLogStream', 'logs:PutLogEvents'],
    resources: [logGroup.logGroupArn],
  });
  const role = new Role(scope, `${spec.id}Role`, {
    roleName: spec.roleName,
    assumedBy: new ServicePrincipal('lambda.amazonaws.com'),
    description: `What the function ${spec.name} may do`,
    // One inline policy, in the role itself: the permissions are there before the function is.
    inlinePolicies: { grants: new PolicyDocument({ statements: [ownLog, ...(spec.grants ?? [])] }) },
  });
  return new LambdaFunction(scope, spec.id, {
    functionName: spec.name,
    description: spec.description,
    code: Code.fromAsset(spec.code),
    handler: HANDLER,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    memorySize: spec.memoryMb,
    timeout: Duration.seconds(spec.timeoutSeconds),
    environment: spec.environment,
    role,
    logGroup,
  });
};

/**
 * The prober of one region. It holds no permission but its own log, because it reads bytes from servers that may be hostile:
 * whoever takes it over can write a log and nothing else.
 */
export const newProber = (scope: Construct, config: Config, code: string): LambdaFunction =>
  newFunction(scope, {
    id: 'Prober',
    name: functionNames(config.deployment).prober,
    description: 'Switchover: probes servers from this region and answers what it saw.',
    code,
    memoryMb: proberMemoryMb(config),
    environment: PROBER_ENVIRONMENT,
    // Longer than any batch: a probe's timeout is shorter than the interval, which is a minute at most.
    timeoutSeconds: 70,
  });
