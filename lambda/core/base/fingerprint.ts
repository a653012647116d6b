/**
 * FNV-1a, 32 bits, as eight hex digits. It tells texts apart that differ by accident; it is not there against an attacker.
 */
export const fingerprint = (text: string): string => {
  let hash = 0x811c9dc5;
  for (const char of text) hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193) >>> 0;
  return hash.toString(16).padStart(8, '0');
};
