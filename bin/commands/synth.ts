import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { buildApp } from '../../lib/app.ts';
import { exampleText } from '../../lib/config/example.ts';
import { loadConfig } from '../../lib/config/index.ts';
import { CODE_BUCKET, type PlainStack, writePlain } from '../../lib/plain.ts';
import { TRUSTED_ACCOUNT } from '../../lib/stacks/zone-roles.ts';
import type { Command } from '../result.ts';
import { Trouble } from '../trouble.ts';

/** `synth`: the stacks as plain CloudFormation templates, for who deploys without the CDK. */
export const synth: Command = async ({ config: file, template }, { progress }) => {
  const { config } = await loadConfig(file);
  const example = exampleText(config, file);
  const directory = newFolder(resolve(template ?? ''));
  const assembly = mkdtempSync(join(tmpdir(), 'switchover-synth-'));
  try {
    const writing = Promise.resolve().then(() => {
      buildApp(config, { outdir: assembly, zoneRoles: {} }).synth();
      return writePlain(assembly, directory);
    });
    const stacks = await progress('Synthesizing', writing);
    writeFileSync(join(directory, 'README.md'), readme(config.deployment, stacks, example));
    const holds = `${directory} holds ${stacks.length} templates and the zips of their functions; README.md there says how to deploy them.`;
    const message =
      example === undefined ? holds : `${holds} ${example} CloudFormation refuses them until then.`;
    return { ok: true, text: message, answer: { message, directory, stacks } };
  } finally {
    rmSync(assembly, { recursive: true, force: true });
  }
};

/** What an earlier run left would be deployed with what this one writes. */
const newFolder = (directory: string): string => {
  if (existsSync(directory) && readdirSync(directory).length > 0)
    throw new Trouble(
      `Expected a folder that is empty or not there, received ${directory}. Choose another one.`,
    );
  mkdirSync(directory, { recursive: true });
  return directory;
};

const parameterOf = ({ zips, account }: PlainStack): string => {
  if (account !== undefined) return TRUSTED_ACCOUNT;
  return zips.length === 0 ? 'none' : CODE_BUCKET;
};

const row = (stack: PlainStack): string =>
  `| ${stack.stack} | ${stack.account ?? 'yours'} | ${stack.region} | ${stack.template} | ${parameterOf(stack)} |`;

const withAwsCli = ({ stack, region, template, zips, account }: PlainStack): string => {
  const deploy = `aws cloudformation deploy --region ${region} --stack-name ${stack} --template-file ${template} \\`;
  const may = '--capabilities CAPABILITY_NAMED_IAM';
  if (account !== undefined)
    return [
      `# As somebody who may deploy in account ${account}, which has a zone; $ACCOUNT is the account of all other stacks.`,
      deploy,
      `  ${may} --parameter-overrides "${TRUSTED_ACCOUNT}=$ACCOUNT"`,
    ].join('\n');
  const code = zips.length === 0 ? '' : ` \\\n  --parameter-overrides "${CODE_BUCKET}=$BUCKET-${region}"`;
  return `${deploy}\n  --s3-bucket "$BUCKET-${region}" ${may}${code}`;
};

const readme = (
  deployment: string,
  stacks: PlainStack[],
  example: string | undefined,
): string => `# Switchover ${deployment}, as plain CloudFormation
${example === undefined ? '' : `\n**${example}** CloudFormation refuses these templates until then.\n`}
These stacks, in this order. Each one needs those above it. The zips in \`code\` are what the functions run.

| stack | account | region | template | parameter |
| --- | --- | --- | --- | --- |
${stacks.map(row).join('\n')}

A function's code has to lie in a bucket of its own region, under the same name as here: \`code/...zip\`.

\`\`\`sh
BUCKET=a-name-of-your-own
for region in ${[...new Set(stacks.map(({ region }) => region))].join(' ')}; do
  aws s3 mb "s3://$BUCKET-$region" --region "$region"
  aws s3 cp --recursive code "s3://$BUCKET-$region/code" --region "$region"
done
${stacks.map(withAwsCli).join('\n')}
\`\`\`

The console and Terraform are in docs/templates.md of Switchover.
`;
