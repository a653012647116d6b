/** The bytes of base64, without what is none of it. */
const bytesOf = (base64: string): number[] => {
  const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
  const bits = [...base64].flatMap((letter) => {
    const value = ALPHABET.indexOf(letter);
    return value < 0 ? [] : [value];
  });
  const bytes: number[] = [];
  for (let from = 0; from + 1 < bits.length; from += 4) {
    const [a = 0, b = 0, c, d] = bits.slice(from, from + 4);
    bytes.push((a << 2) | (b >> 4));
    if (c !== undefined) bytes.push(((b & 15) << 4) | (c >> 2));
    if (c !== undefined && d !== undefined) bytes.push(((c & 3) << 6) | d);
  }
  return bytes;
};

/** The tag by which DS records name a DNSKEY, given as `flags 3 algorithm base64` (RFC 4034, appendix B). */
export const keyTag = (dnskey: string): number => {
  const [flags = '0', protocol = '3', algorithm = '0', ...key] = dnskey.split(' ');
  const data = [
    Number(flags) >> 8,
    Number(flags) & 255,
    Number(protocol),
    Number(algorithm),
    ...bytesOf(key.join('')),
  ];
  const sum = data.reduce((total, byte, index) => total + (index % 2 === 0 ? byte << 8 : byte), 0);
  return (sum + ((sum >> 16) & 0xffff)) & 0xffff;
};
