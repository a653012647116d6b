import type { CloudAssembly } from 'aws-cdk-lib/cx-api';

/** A template without what changes with each change of the code: the place of an asset's bytes. */
export const withoutAssets = (template: object): object =>
  JSON.parse(
    JSON.stringify(template, (key, value) => (key === 'S3Key' && typeof value === 'string' ? 'CODE' : value)),
  );

/** The templates of an assembly and of those nested in it, by stack name. */
export const templatesOf = (assembly: CloudAssembly): Record<string, object> =>
  Object.fromEntries(
    assembly.stacksRecursively.map((stack) => [stack.stackName, withoutAssets(stack.template)]),
  );
