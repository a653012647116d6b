import { globSync } from 'node:fs';
import { basename } from 'node:path';

/**
 * Test files that run in one process, by the name of the file that loads them. A process costs a tenth of a second before its first
 * test, and ten times that where it loads the CDK; and what each compiles for itself costs as much again. Files belong here that
 * share nothing but what they import: none that changes the environment while others are loaded, that has a hook in front of all its
 * tests, or that is about time as it really passes.
 */
export const TOGETHER: Record<string, string[]> = {
  commands: [
    'test/unit/bin/{arguments,completion,main,progress,times}.test.ts',
    'test/unit/bin/commands/{check-vantages,compare,cost,diagnosis,forecast,init,look,order,synth}.test.ts',
    'test/unit/page/{contrast,doctor,hands,metrics,overview}.test.ts',
    'test/unit/publish/{manifests,schema-text}.test.ts',
  ],
  controller: ['test/unit/lambda/{apply,assess,async,book,controller,dns,observe,status,zones}/*.test.ts'],
  core: ['test/unit/lambda/core/**/*.test.ts'],
  house: ['test/house/*.test.ts', 'test/unit/gate/*.test.ts'],
  local: [
    'test/unit/local/{banner,dns-message,dns-rdata,events,faults,filter-policy,iam,intrinsics,options}.test.ts',
    'test/unit/local/{policies,resources,route53-facts,route53-iam,route53-limits,route53-xml}.test.ts',
    'test/unit/local/{route53-xml-round-trip,svcb,timeline,troubles,zone-answer,zone-rules,zone-values}.test.ts',
  ],
  notify: [
    'test/unit/lambda/notify/{events,suppress,teller,teller-overlap,unstored}.test.ts',
    'test/unit/lambda/console/{command,orders,quiet-orders}.test.ts',
    'test/unit/lambda/doctor/{account,checkup}.test.ts',
    'test/unit/lambda/edge/pacer.test.ts',
  ],
  stacks: [
    'test/unit/lib/stacks/*.test.ts',
    'test/unit/lib/{cost,forecast}/*.test.ts',
    'test/unit/lib/config/!(load).test.ts',
    'test/unit/lib/{app,switchover-flags,templates}.test.ts',
  ],
  switchover: ['test/unit/lib/{bundle,nag,plain,switchover,zip}.test.ts'],
};

/** The test files that `test/together/NAME.ts` loads. */
export const filesOf = (name: string): string[] => globSync(TOGETHER[name] ?? []).sort();

/** What `npm test` runs, each in a process of its own: the files here, and all that none of them loads. */
export const processes = (): string[] => {
  const names = Object.keys(TOGETHER);
  const loaded = new Set(names.flatMap(filesOf));
  const others = globSync('test/**/*.test.ts').filter((file) => !loaded.has(file));
  return [...names.map((name) => `test/together/${name}.ts`), ...others.sort()];
};

/** Loads the files of the module that calls it. */
export const loadFiles = async (module: string): Promise<void> => {
  for (const file of filesOf(basename(module, '.ts'))) await import(`../../${file}`);
};
