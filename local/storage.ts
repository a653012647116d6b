/** System errors that tell of the place where something was to be written, and not of a defect of ours. */
const REASONS: Record<string, string> = {
  ENOSPC: 'the disk is full; make room there',
  EDQUOT: "this user's share of the disk is used up; make room there",
  EROFS: 'it can only be read there',
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EIO: 'the disk failed',
  ELOOP: 'links lead round in a circle there',
  ENOTDIR: 'it, or a part of the path, is a file',
  EISDIR: 'a directory is there',
  EEXIST: 'something else is there, such as a link that leads nowhere',
  ENOENT: 'nothing can be made there',
  ENAMETOOLONG: 'the name is too long',
};

/** Of these the disk itself is to blame, whatever was to be written and by whom. */
const OF_THE_DISK = ['ENOSPC', 'EDQUOT', 'EROFS', 'EIO'];

const codeOf = (error: unknown): string => {
  const { code = '', message = '' } = Object(error) as NodeJS.ErrnoException;
  // A bundler that is a process of its own, and a store with errors of its own, hand on words alone.
  return /no space left on device/i.test(message) ? 'ENOSPC' : code;
};

/** Why a file or directory could not be written, for people; undefined for an error of any other kind. */
export const storageReason = (error: unknown): string | undefined => {
  const code = codeOf(error);
  return Object.hasOwn(REASONS, code) ? `${REASONS[code]} (${code})` : undefined;
};

/** The same of an error that nobody expected anywhere; undefined unless the disk itself failed. */
export const diskReason = (error: unknown): string | undefined =>
  OF_THE_DISK.includes(codeOf(error)) ? storageReason(error) : undefined;

/** What keeps a state directory from being read or written: its message is a sentence for people, and no stack trace helps. */
export class StorageTrouble extends Error {}

/** What `write` answers; throws `StorageTrouble` when `file` could not be written. */
export const storing = <T>(file: string, write: () => T): T => {
  try {
    return write();
  } catch (cause) {
    const reason = storageReason(cause);
    if (reason === undefined) throw cause;
    throw new StorageTrouble(`Cannot write ${file}: ${reason}.`, { cause });
  }
};
