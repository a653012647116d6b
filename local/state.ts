import { appendFileSync, closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** What a state directory keeps, beside the assembly and the tables that others write into it. */
export type StateDir = {
  /** The directory of the tables. */
  tables: string;
  /** What was saved of the zones; undefined at the first start. */
  zones(): string | undefined;
  /** Returns once the zones would survive a power cut. */
  saveZones(json: string): void;
  /** What was saved of the Elastic IPs; undefined at the first start. */
  addresses(): string | undefined;
  saveAddresses(json: string): void;
  /** The parameters that were put there by hand, by name; none without a file. Throws when it is no such object. */
  parameters(): Record<string, string>;
  /** Subscriptions that are not confirmed, by e-mail address: `pending`, `deleted` or `gone`; put there by hand, too. */
  subscriptions(): Record<string, string>;
  /** Adds a mail, as one line of JSON. */
  addMail(mail: object): void;
};

export const openState = (dir: string): StateDir => {
  const zonesFile = join(dir, 'zones.json');
  const addressesFile = join(dir, 'addresses.json');
  const textsIn = (name: string, what: string): Record<string, string> => {
    const file = join(dir, name);
    const texts: unknown = JSON.parse(textOf(file) ?? '{}');
    const values = Object.values(Object(texts));
    if (Array.isArray(texts) || values.some((value) => typeof value !== 'string'))
      throw new Error(`Expected ${file} to be an object of ${what} and texts.`);
    return texts as Record<string, string>;
  };
  return {
    tables: join(dir, 'dynamodb'),
    zones: () => textOf(zonesFile),
    addresses: () => textOf(addressesFile),
    saveAddresses: (json) => {
      writeDurably(`${addressesFile}.new`, json);
      renameSync(`${addressesFile}.new`, addressesFile);
    },
    parameters: () => textsIn('parameters.json', 'parameter names'),
    subscriptions: () => textsIn('subscriptions.json', 'e-mail addresses'),
    saveZones: (json) => {
      const draft = `${zonesFile}.new`;
      writeDurably(draft, json);
      renameSync(draft, zonesFile);
      sync(dir);
    },
    addMail: (mail) => appendFileSync(join(dir, 'mail.jsonl'), `${JSON.stringify(mail)}\n`),
  };
};

/** The content of a file that need not be there. */
const textOf = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
};

const writeDurably = (file: string, text: string): void => {
  const handle = openSync(file, 'w');
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};

/** A rename is on disk once its directory is. */
const sync = (dir: string): void => {
  const handle = openSync(dir, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
};
