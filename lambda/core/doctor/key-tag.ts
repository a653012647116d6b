/** The tag by which DS records name a DNSKEY, given as `flags 3 algorithm base64` (RFC 4034, appendix B). */
export const keyTag = (dnskey: string): number => {
  const [flags = '0', protocol = '3', algorithm = '0', ...key] = dnskey.split(' ');
  const data = [
    Number(flags) >> 8,
    Number(flags) & 255,
    Number(protocol),
    Number(algorithm),
    ...Uint8Array.from(atob(key.join('')), (letter) => letter.charCodeAt(0)),
  ];
  const sum = data.reduce((total, byte, index) => total + (index % 2 === 0 ? byte << 8 : byte), 0);
  return (sum + ((sum >> 16) & 0xffff)) & 0xffff;
};
