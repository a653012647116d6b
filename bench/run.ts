/** `npm run bench -- NAME [flags]`: runs one measurement. Each says what it needs and prints a JSON line with `--json`. */
const MEASUREMENTS = [
  ...[
    'failover',
    'probes',
    'lambda-size',
    'hostile',
    'bundles',
    'loading',
    'bytes',
    'resolvers',
    'levers',
    'writes',
    'look',
    'interval',
  ],
];

const [, , name, ...flags] = process.argv;
if (name === undefined || !MEASUREMENTS.includes(name)) {
  console.error(
    `Expected one of ${MEASUREMENTS.join(', ')}, received ${name ?? 'nothing'}: npm run bench -- ${MEASUREMENTS[0]}`,
  );
  process.exit(2);
}
process.argv = [process.argv[0] as string, name, ...flags];
await import(name === 'interval' && flags.includes('--virtual') ? './interval-virtual.ts' : `./${name}.ts`);
