import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { readArguments } from '../../../bin/arguments.ts';
import { filesFor } from '../../../bin/init/files.ts';
import { functionNames } from '../../../lambda/contract.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import exampleConfig from '../../../switchover.config.ts';

const ROOT = join(import.meta.dirname, '../../..');
const require = createRequire(import.meta.url);
/** The CDK brings a reader of YAML along. */
const { parse } = createRequire(require.resolve('aws-cdk-lib/package.json'))('yaml') as {
  parse(text: string): Workflow;
};

type Step = { uses?: string; run?: string; with?: Record<string, unknown>; if?: string };
type Job = {
  if?: string;
  environment?: string;
  permissions: Record<string, string>;
  steps: Step[];
  needs?: string;
};
type Workflow = { on: Record<string, unknown>; permissions: object; jobs: Record<string, Job> };

const text = readFileSync(join(ROOT, 'examples/github-actions/switchover.yml'), 'utf8');
const workflow = parse(text);
const jobs = Object.entries(workflow.jobs);
const runs = jobs.flatMap(([, { steps }]) => steps.flatMap(({ run }) => run ?? []));

/** What follows `npm run SCRIPT --`, by script. */
const commandsOf = (script: string): string[][] =>
  runs.flatMap((run) =>
    [...run.matchAll(new RegExp(`npm run (?:--silent )?${script} -- ([^>|\\n]*)`, 'g'))].map(
      ([, words = '']) => words.trim().split(/\s+/),
    ),
  );

describe('the workflow for GitHub Actions', () => {
  test('runs commands that exist, by scripts that a project of init and this repository have', () => {
    const commands = commandsOf('switchover');
    assert.deepEqual([...new Set(commands.map(([command]) => command))].sort(), ['check', 'diff']);
    for (const words of commands) readArguments(words, 0, {});
    const help = (command: string) =>
      execFileSync(join(ROOT, 'node_modules/.bin/cdk'), [command, '--help'], { encoding: 'utf8' });
    const cdk = commandsOf('cdk');
    assert.equal(cdk.length, 2);
    for (const [command = '', ...flags] of cdk)
      for (const flag of flags.filter((word) => word.startsWith('--')))
        assert.ok(help(command).includes(flag.split('=')[0] ?? ''), `${command} ${flag}`);
    const made = filesFor({ config: exampleConfig, reasons: {} } as never, 'shop')['package.json'] ?? '';
    for (const script of ['switchover', 'cdk'])
      assert.ok(script in packageJson.scripts && script in JSON.parse(made).scripts, script);
  });

  test('gives nothing to forks, and no job a right that it does not need', () => {
    assert.ok(!('pull_request_target' in workflow.on));
    assert.deepEqual(workflow.permissions, {});
    assert.match(workflow.jobs.plan?.if ?? '', /head\.repo\.full_name == github\.repository/);
    for (const [name, job] of jobs) {
      const takesRole = job.steps.some(({ uses }) => uses?.startsWith('aws-actions/'));
      assert.equal(job.permissions['id-token'] === 'write', takesRole, name);
      const runsCode = job.steps.some(({ uses }) => uses?.startsWith('actions/checkout'));
      const writes = Object.entries(job.permissions).filter(
        ([key, right]) => right === 'write' && key !== 'id-token',
      );
      if (runsCode) assert.deepEqual(writes, [], `${name} runs code of the repository and may not write`);
    }
    assert.equal(workflow.jobs.deploy?.environment, 'production');
  });

  test('has no key in it, and no text of a pull request in a script', () => {
    assert.doesNotMatch(text, /AKIA|aws-access-key-id|secrets\./);
    for (const run of runs) assert.doesNotMatch(run, /\$\{\{/);
  });

  test('takes only roles whose trust is there, in both forms of sub; who proposes a change may give no order', () => {
    const policy = (name: string): string =>
      JSON.stringify(JSON.parse(readFileSync(join(ROOT, `examples/github-actions/${name}.json`), 'utf8')));
    for (const who of ['OWNER/REPO', 'OWNER@1234/REPO@5678']) {
      assert.ok(policy('diff-trust').includes(`"repo:${who}:pull_request"`));
      for (const { environment } of Object.values(workflow.jobs))
        if (environment !== undefined)
          assert.ok(policy('deploy-trust').includes(`"repo:${who}:environment:${environment}"`), environment);
    }
    assert.doesNotMatch(policy('deploy-trust'), /pull_request|\*/);
    const { console: orders, status } = functionNames('main');
    assert.ok(policy('diff-rights').includes(`:function:${status}"`));
    assert.doesNotMatch(policy('diff-rights'), new RegExp(`${orders}|deploy-role|publishing`));
    assert.ok(policy('deploy-rights').includes(`:function:${orders}"`));
  });
});
