import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { stateFile } from './directory.ts';
import type { Statement } from './iam.ts';
import { StorageTrouble, storing } from './storage.ts';

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
  /** The parameters that were put there by hand, by name; none without a file. */
  parameters(): Record<string, string>;
  /** Subscriptions that are not confirmed, by e-mail address: `pending`, `deleted` or `gone`; put there by hand, too. */
  subscriptions(): Record<string, string>;
  /** Roles by which dashboards are shared, and the statements of each; put there by hand, too. */
  sharingRoles(): Record<string, Statement[]>;
  /** Adds a mail, as one line of JSON. */
  addMail(mail: object): void;
  /** Where the mails are when the last line of them was cut; it stays as it is, and the next begins after it. */
  cutMails(): string | undefined;
  /** The latest moment that was noted here, milliseconds since 1970; 0 before the first. */
  notedMs(): number;
  note(nowMs: number): void;
};

/** Throws `StorageTrouble` when what lies there is not what an earlier start, or the person at this machine, would have left. */
export const openState = (dir: string): StateDir => {
  const zonesFile = stateFile(dir, 'zones.json');
  const addressesFile = stateFile(dir, 'addresses.json');
  const mailFile = stateFile(dir, 'mail.jsonl');
  const parameters = () => textsIn(stateFile(dir, 'parameters.json'), 'parameter names');
  const subscriptions = () => textsIn(stateFile(dir, 'subscriptions.json'), 'e-mail addresses');
  const sharingRoles = () =>
    jsonIn(stateFile(dir, 'sharing-roles.json'), isRoles, 'an object of role names and lists of statements');
  const addresses = () => textsIn(addressesFile, 'allocation ids');
  const zones = () => jsonIn(zonesFile, isZones, 'the zones that an earlier start saved');
  const clockFile = stateFile(dir, 'clock.json');
  const noted = () => jsonIn(clockFile, isMoment, 'the moment that an earlier start noted');
  // Read once at the beginning: a slip in a file that is needed at night should be known now.
  for (const read of [parameters, subscriptions, sharingRoles, addresses, zones, noted]) read();
  return {
    tables: join(dir, 'dynamodb'),
    zones: () => zones() && textOf(zonesFile),
    addresses: () => addresses() && textOf(addressesFile),
    saveAddresses: (json) => replace(addressesFile, json),
    parameters: () => parameters() ?? {},
    subscriptions: () => subscriptions() ?? {},
    sharingRoles: () => sharingRoles() ?? {},
    saveZones: (json) => {
      replace(zonesFile, json);
      sync(dir);
    },
    notedMs: () => Date.parse(noted()?.at ?? new Date(0).toISOString()),
    note: (nowMs) => replace(clockFile, JSON.stringify({ at: new Date(nowMs).toISOString() })),
    addMail: (mail) => addLine(mailFile, JSON.stringify(mail)),
    cutMails: () => (endsInLine(mailFile) ? undefined : mailFile),
  };
};

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isZones = (value: unknown): value is object => isObject(value) && Array.isArray(value.zones);
/** As it is written there. Far ahead, moments are written otherwise and certificates have ended. */
const MOMENT = /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const isMoment = (value: unknown): value is { at: string } =>
  isObject(value) &&
  typeof value.at === 'string' &&
  MOMENT.test(value.at) &&
  Number.isFinite(Date.parse(value.at));
const isRoles = (value: unknown): value is Record<string, Statement[]> =>
  isObject(value) && Object.values(value).every((statements) => Array.isArray(statements));
const isTexts = (value: unknown): value is Record<string, string> =>
  isObject(value) && Object.values(value).every((text) => typeof text === 'string');

const textsIn = (file: string, what: string): Record<string, string> | undefined =>
  jsonIn(file, isTexts, `an object of ${what} and texts`);

/** What a file of JSON holds; undefined when there is none. */
const jsonIn = <T>(file: string, isWanted: (value: unknown) => value is T, what: string): T | undefined => {
  let wrong = 'something else';
  try {
    const text = textOf(file);
    if (text === undefined) return undefined;
    const value: unknown = JSON.parse(text);
    if (isWanted(value)) return value;
  } catch (error) {
    wrong = error instanceof SyntaxError ? `${error.message} (was it cut?)` : (error as Error).message;
  }
  throw new StorageTrouble(
    `Expected ${file} to be ${what}, found: ${wrong}. Correct it, or delete it to go on without.`,
  );
};

/** Appends a line. The one before it may have been cut when the disk was full or the machine lost power; it stays alone then. */
const addLine = (file: string, line: string): void =>
  storing(file, () => {
    const handle = openSync(file, 'a+');
    try {
      writeFileSync(handle, `${isCut(handle) ? '\n' : ''}${line}\n`);
    } finally {
      closeSync(handle);
    }
  });

const isCut = (handle: number): boolean => {
  const { size } = fstatSync(handle);
  const last = Buffer.alloc(1);
  return size > 0 && readSync(handle, last, 0, 1, size - 1) === 1 && last.toString() !== '\n';
};

/** So does a file that is not there. */
const endsInLine = (file: string): boolean => {
  if (!existsSync(file)) return true;
  const handle = openSync(file, 'r');
  try {
    return !isCut(handle);
  } finally {
    closeSync(handle);
  }
};

/** The file has the old content or the new one, at every moment. */
const replace = (file: string, text: string): void =>
  storing(file, () => {
    writeDurably(`${file}.new`, text);
    renameSync(`${file}.new`, file);
  });

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
    writeFileSync(handle, text);
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
