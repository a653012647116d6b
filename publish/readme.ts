import { PACKAGES } from '../lib/packages.ts';

/** The README of a package as it is written in `publish/`, importing and naming the packages as they are published. */
export const readmeText = (text: string, names: Record<keyof typeof PACKAGES, string> = PACKAGES): string =>
  text
    .replaceAll("'switchover/config'", `'${names.main}/config'`)
    .replaceAll('`create-switchover`', `\`${names.create}\``)
    .replaceAll('`switchover-gate`', `\`${names.gate}\``);

/** A name in a scope is private at the registry unless it says otherwise. */
export const publishConfigOf = (name: string): { publishConfig?: { access: 'public' } } =>
  name.startsWith('@') ? { publishConfig: { access: 'public' } } : {};
