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
  /** Adds a mail, as one line of JSON. */
  addMail(mail: object): void;
};

export const openState = (dir: string): StateDir => {
  const zonesFile = join(dir, 'zones.json');
  return {
    tables: join(dir, 'dynamodb'),
    zones: () => {
      try {
        return readFileSync(zonesFile, 'utf8');
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    saveZones: (json) => {
      const draft = `${zonesFile}.new`;
      writeDurably(draft, json);
      renameSync(draft, zonesFile);
      sync(dir);
    },
    addMail: (mail) => appendFileSync(join(dir, 'mail.jsonl'), `${JSON.stringify(mail)}\n`),
  };
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
