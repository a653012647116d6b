import { type ParseArgsConfig, parseArgs } from 'node:util';

type Options = NonNullable<ParseArgsConfig['options']>;

/**
 * The flags of a script that npm runs. With --help the process ends with `usage` and 0; with a flag that is not known, with what was
 * wrong and 2.
 */
export const flagsOr = <O extends Options>(usage: string, options: O) => {
  try {
    const all = { ...options, help: { type: 'boolean', short: 'h', default: false } } as const;
    const { values } = parseArgs({
      options: all as O & { help: { type: 'boolean' } },
      allowPositionals: false,
    });
    if ((values as { help?: boolean }).help !== true) return values;
    process.stdout.write(usage);
    return process.exit(0);
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (!code.startsWith('ERR_PARSE_ARGS')) throw error;
    process.stderr.write(`${usage}\n${message.split('. ')[0]}.\n`);
    return process.exit(2);
  }
};
