import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE } from '../contract.ts';

/** An environment variable of the stack's; throws where there is none. */
export const required = (name: string): string => {
  const value = process.env[name];
  if (!value)
    throw new Error(`Expected the environment variable ${name} to be set by the stack, received nothing.`);
  return value;
};

/** The configuration that lies beside the code. Lambda names the directory; there is no other way to find a file from any module format. */
export const bakedConfig = <T>(): T =>
  JSON.parse(readFileSync(join(required('LAMBDA_TASK_ROOT'), CONFIG_FILE), 'utf8')) as T;
