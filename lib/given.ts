/** What an app gives to a construct, where it could be synthesized and could not work: refused in one sentence each. */
import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';

/** Throws where the stacks of several kinds would get one name. */
export const refuseStackName = (scope: Construct, props: StackProps | undefined): void => {
  if (props?.stackName === undefined) return;
  throw new Error(
    `Expected no stackName from vantageStackProps of ${scope.node.path}, received "${props.stackName}": two stacks can be in one region and would have that name both, so leave it out.`,
  );
};
