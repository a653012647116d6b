/**
 * The one spelling of an IP address, which for IPv6 is that of a URL's host: lower case, no leading zeros, the longest run of zeros
 * left out, an address that maps an IPv4 one in hexadecimal. IPv4 has only one. A text that is no address comes back as it is. So
 * addresses are compared as texts, whoever spelled them: a person, a console, a tool, a resolver.
 */
export const canonicalAddress = (text: string): string => {
  // A zone index or brackets are no part of an address in DNS.
  const mayBeIpv6 = text.includes(':') && /^[0-9a-f:.]+$/i.test(text);
  if (!mayBeIpv6 || !URL.canParse(`http://[${text}]/`)) return text;
  return new URL(`http://[${text}]/`).hostname.slice(1, -1);
};
