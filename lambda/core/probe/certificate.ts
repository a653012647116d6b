import {
  contentOf,
  type Der,
  inside,
  numberOf,
  readDer,
  TAG,
  textOf,
  valueAt,
  valuesIn,
  wholeOf,
  within,
} from './der.ts';

/** What of a server's certificate (RFC 5280) is not looked at by the TLS layer, or not as browsers do. */
export type Certificate = {
  /** The host names among its alternative names, as they are written. */
  names: string[];
  /** One of its alternative names is none: browsers read no such certificate. */
  isMisnamed: boolean;
  /** What its key may be used for; undefined without such a limit. */
  usage?: { signs: boolean; encrypts: boolean };
  /** Its number and its issuer's name (DER), by which an answer about its revocation names it. */
  serial: Uint8Array;
  issuer: Uint8Array;
};

/** Object identifiers of the extensions as `numberOf` reads their DER: 2.5.29.17 and 2.5.29.15. */
const [ALTERNATIVE_NAMES, KEY_USAGE] = [0x1551d11, 0x1551d0f];

/** Tags: of the version, of the extensions, and of a host name among the alternative names (RFC 5280, 4.1 and 4.2.1.6). */
const [VERSION, EXTENSIONS, HOST_NAME] = [0xa0, 0xa3, 0x82];

/** Kinds of alternative names by their tags: those that are text (mail, host, URI), an address, and all others. */
const [TEXTS, ADDRESS, OTHERS] = [[0x81, HOST_NAME, 0x86], 0x87, [0xa0, 0xa3, 0xa4, 0xa5, 0x88]];
const ADDRESS_BYTES = [4, 16];

/** Whether it is a name as Chromium reads them: of a known kind, text in ASCII, an address of one of both families. */
const isName = (name: Der): boolean => {
  if (name.tag === ADDRESS) return ADDRESS_BYTES.includes(name.end - name.start);
  if (TEXTS.includes(name.tag)) return contentOf(name).every((byte) => byte < 0x80);
  return OTHERS.includes(name.tag);
};

/** Bits of the key usage (RFC 5280, 4.2.1.3), the first byte of them. */
const [DIGITAL_SIGNATURE, KEY_ENCIPHERMENT] = [0x80, 0x20];

/** The certificate of these bytes; undefined if they are none. */
export const certificateIn = (der: Uint8Array): Certificate | undefined =>
  readDer(() => {
    const fields = inside(inside(valuesIn(der), 0, TAG.sequence), 0, TAG.sequence);
    const at = fields[0]?.tag === VERSION ? 1 : 0;
    const certificate: Certificate = {
      names: [],
      isMisnamed: false,
      serial: contentOf(valueAt(fields, at)),
      issuer: wholeOf(valueAt(fields, at + 2)),
    };
    const last = valueAt(fields, fields.length - 1);
    if (last.tag === EXTENSIONS) for (const each of inside(within(last), 0)) note(certificate, within(each));
    return certificate;
  }, undefined);

/** Notes what one extension says: its kind, whether it is critical (which the TLS layer looks at), and its value. */
const note = (certificate: Certificate, extension: readonly Der[]): void => {
  const kind = numberOf(valueAt(extension, 0));
  if (kind !== ALTERNATIVE_NAMES && kind !== KEY_USAGE) return;
  const value = inside(extension, extension.length - 1);
  if (kind === ALTERNATIVE_NAMES) {
    const names = inside(value, 0);
    certificate.names = names.filter(({ tag }) => tag === HOST_NAME).map(textOf);
    certificate.isMisnamed = !names.every(isName);
    return;
  }
  const [, bits = 0] = contentOf(valueAt(value, 0, TAG.bits));
  certificate.usage = { signs: (bits & DIGITAL_SIGNATURE) !== 0, encrypts: (bits & KEY_ENCIPHERMENT) !== 0 };
};

/**
 * Whether one of a certificate's alternative names is for `host`, as Chromium compares them: a wildcard stands for the whole first
 * label and nothing else, at least two labels follow it, and neither capitals nor a dot at the end matter. The common name in the
 * subject says nothing.
 */
export const isNamed = (host: string, names: readonly string[]): boolean => {
  const wanted = plain(host);
  const parent = wanted.slice(wanted.indexOf('.'));
  const wildcard = parent.startsWith('.') && parent.includes('.', 1) ? `*${parent}` : undefined;
  return names.some((name) => {
    const known = plain(name);
    return known === wanted || known === wildcard;
  });
};

const plain = (name: string): string => name.toLowerCase().replace(/\.$/, '');
