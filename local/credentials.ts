import { createHash, createHmac, randomBytes } from 'node:crypto';

/** An AWS key pair of the local cloud. */
export type Credentials = { accessKeyId: string; secretAccessKey: string };

/** New for each process, and so for each start: a secret that was seen once opens no later local cloud. */
const SEED = randomBytes(32);

/** The id names the caller and is the same in every run; the secret is what a signature is held against. */
const keysOf = (caller: string): Credentials => ({
  accessKeyId: `AKIA${createHash('sha256').update(caller).digest('hex').slice(0, 16).toUpperCase()}`,
  // As long as one of AWS.
  secretAccessKey: createHmac('sha256', SEED).update(caller).digest('base64url').slice(0, 40),
});

/** The key that a function signs with. */
export const accessKeyFor = (functionName: string, region: string): Credentials =>
  keysOf(`${functionName}@${region}`);

/** The key of the person at this machine: it may call everything. */
export const OPERATOR: Credentials = keysOf('operator');
