import { generateKeyPairSync } from 'node:crypto';
import type tls from 'node:tls';
import {
  alternativeNames,
  basicConstraints,
  extendedKeyUsage,
  issue,
  type Keys,
  keyUsage,
  nameConstraints,
  unknownCritical,
  type Wanted,
} from '../../fixtures/x509/x509.ts';
import { bytes, type Case, type Cases, HOST, PAGE } from './case.ts';
import {
  type Authority,
  DAY_MS,
  EARLY,
  LEAF_KEYS,
  leaf,
  leafExtensions,
  MIDDLE,
  middle,
  OLD,
  once,
  ROOT,
  rsaKeys,
  SOUND,
  STRANGER,
} from './certificates/authorities.ts';
import { shows, siteTls } from './certificates.ts';

/** The page in order, over TLS of these options. */
export const overTls = (options: () => tls.TlsOptions, host = HOST): Case => ({
  ...bytes(`HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: ${PAGE.length}\r\n\r\n${PAGE}`),
  scheme: 'https',
  host,
  tls: once(options),
});

/** Lets OpenSSL use what is too weak for its defaults; the prober is what must refuse it. */
export const WEAK = '@SECLEVEL=0';
export const TLS12: tls.TlsOptions = { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.2' };

/** A leaf that is in order but for `changes`, under the intermediate. */
const withLeaf = (changes: () => Partial<Wanted>, host = HOST, options: tls.TlsOptions = {}): Case =>
  overTls(() => ({ ...shows([leaf(changes()), MIDDLE().certificate]), ...options }), host);
const withNames = (names: string[], host = HOST): Case =>
  withLeaf(() => ({ extensions: leafExtensions(names) }), host);

/** A leaf with a key of its own kind; it signs alone, since nothing is encrypted with most of them. */
const SIGNS = () => [
  basicConstraints(false),
  keyUsage('digitalSignature'),
  extendedKeyUsage('server'),
  alternativeNames([HOST]),
];
export const withKeys = (make: () => Keys, options: tls.TlsOptions = {}, extensions = SIGNS()): Case =>
  overTls(() => {
    const keys = make();
    const own = leaf({ publicKey: keys.publicKey, extensions });
    return { ...shows([own, MIDDLE().certificate], keys), ...options };
  });
export const ecKeys = (namedCurve: string) => (): Keys => generateKeyPairSync('ec', { namedCurve });
const p521 = once(ecKeys('P-521'));

const keys: Cases = {
  'tls-std': overTls(siteTls),
  'tls-p256': withKeys(ecKeys('P-256')),
  'tls-p384': withKeys(ecKeys('P-384')),
  'tls-p521': withKeys(p521),
  'tls-p521-12': withKeys(p521, TLS12),
  'tls-ed25519': withKeys(() => generateKeyPairSync('ed25519')),
  'tls-ed448': withKeys(() => generateKeyPairSync('ed448')),
  'tls-rsa1024': withKeys(() => rsaKeys(1024), { ciphers: `DEFAULT${WEAK}` }),
  'tls-rsa4096': withKeys(() => rsaKeys(4096)),
  'tls-rsa8192': withKeys(() => rsaKeys(8192)),
  'tls-rsapss': withKeys(() => generateKeyPairSync('rsa-pss', { modulusLength: 2048 })),
  'tls-sha1': withLeaf(() => ({ hash: 'sha1' }), HOST, { ciphers: `DEFAULT${WEAK}` }),
};

const names: Cases = {
  'tls-cnonly': withLeaf(() => ({ extensions: leafExtensions().slice(0, 3) })),
  'tls-cnplusip': withNames(['ip:192.0.2.1']),
  'tls-wildoff': withNames(['*.tls.site.test']),
  'tls-wilddeep': withNames(['*.site.test'], 'a.b.site.test'),
  'tls-partial': withNames(['w*.site.test']),
  'tls-wildtld': withNames(['*.test'], 'site.test'),
  'tls-wildmiddle': withNames(['www.*.test']),
  'tls-underscore': withNames(['under_score.site.test'], 'under_score.site.test'),
  'tls-underwild': withNames(['*.site.test'], 'under_score.site.test'),
  'tls-upper': withNames(['WWW.SITE.TEST']),
  'tls-dotted': withNames([`${HOST}.`]),
  'tls-hostdot': withNames([HOST], `${HOST}.`),
  'tls-othername': withLeaf(() => ({
    name: 'www.other.test',
    extensions: leafExtensions(['www.other.test']),
  })),
  'tls-emptysubject': withLeaf(() => ({
    name: undefined,
    extensions: [...leafExtensions().slice(0, 3), alternativeNames([HOST], true)],
  })),
  'tls-v1': withLeaf(() => ({ extensions: undefined })),
  'tls-manysans': withNames([...Array.from({ length: 800 }, (_, nth) => `name-${nth}.site.test`), HOST]),
  'tls-ipsan': withNames(['ip:127.0.0.1'], '127.0.0.1'),
  'tls-ipasdns': withNames(['127.0.0.1'], '127.0.0.1'),
  'tls-ipcn': withLeaf(
    () => ({ name: '127.0.0.1', extensions: leafExtensions(['www.site.test']) }),
    '127.0.0.1',
  ),
};

const lasting = (days: number) =>
  withLeaf(() => ({ fromMs: SOUND.fromMs, untilMs: SOUND.fromMs + days * DAY_MS }));

const dates: Cases = {
  'tls-expired': withLeaf(() => OLD),
  'tls-early': withLeaf(() => EARLY),
  'tls-days500': lasting(501),
  'tls-days900': lasting(901),
  'tls-days4000': lasting(1501),
};

/** What a leaf may be used for; the first of its extensions says that it is no authority. */
const used = (...extensions: Buffer[]): Case =>
  withLeaf(() => ({ extensions: [basicConstraints(false), ...extensions, alternativeNames([HOST])] }));
const SERVER = extendedKeyUsage('server');
const encrypts = (options: tls.TlsOptions = {}) =>
  withLeaf(
    () => ({
      extensions: [basicConstraints(false), keyUsage('keyEncipherment'), SERVER, alternativeNames([HOST])],
    }),
    HOST,
    options,
  );
const USAGE = keyUsage('digitalSignature', 'keyEncipherment');

const usages: Cases = {
  'tls-ekuclient': used(USAGE, extendedKeyUsage('client')),
  'tls-ekunone': used(USAGE),
  'tls-ekuany': used(USAGE, extendedKeyUsage('any')),
  'tls-kunone': used(SERVER),
  'tls-kuwrong': withKeys(ecKeys('P-256'), {}, [
    basicConstraints(false),
    keyUsage('keyAgreement'),
    SERVER,
    alternativeNames([HOST]),
  ]),
  'tls-kursanods': encrypts(),
  'tls-kursanods12': encrypts(TLS12),
  'tls-leafca': withLeaf(() => ({ extensions: [basicConstraints(true), ...leafExtensions().slice(1)] })),
  'tls-critical': used(USAGE, SERVER, unknownCritical()),
};

/** A leaf in order, under an authority that may not be. */
const under = (authority: () => Authority, options: tls.TlsOptions = {}): Case =>
  overTls(() => ({ ...shows([leaf({ by: authority() }), authority().certificate]), ...options }));
const showing = (chain: () => Parameters<typeof shows>[0]): Case => overTls(() => shows(chain()));
const AUTHORITY = keyUsage('keyCertSign', 'cRLSign');
const expiredMiddle = once(() => middle(OLD));
/** Two authorities below one that may have none below it. */
const tooLong = once(() => {
  const first = middle({ extensions: [basicConstraints(true, 0), AUTHORITY] });
  const deeper = { name: 'Truth deeper', keys: rsaKeys() };
  const extensions = [basicConstraints(true), AUTHORITY];
  const below = issue({
    name: deeper.name,
    publicKey: deeper.keys.publicKey,
    by: first,
    ...SOUND,
    extensions,
  });
  return [leaf({ by: deeper }), below, first.certificate];
});

const chains: Cases = {
  'tls-undersha1': under(
    once(() => middle({ hash: 'sha1' })),
    { ciphers: `DEFAULT${WEAK}` },
  ),
  'tls-noint': showing(() => [leaf()]),
  'tls-intexpired': showing(() => [leaf(), expiredMiddle().certificate, MIDDLE().certificate]),
  'tls-intexpired2': showing(() => [leaf(), MIDDLE().certificate, expiredMiddle().certificate]),
  'tls-intexpiredonly': under(expiredMiddle),
  'tls-order': showing(() => [leaf(), ROOT().certificate, MIDDLE().certificate]),
  'tls-extra': showing(() => [leaf(), STRANGER().certificate, MIDDLE().certificate]),
  'tls-dupleaf': showing(() => {
    const own = leaf();
    return [own, own, MIDDLE().certificate];
  }),
  'tls-withroot': showing(() => [leaf(), MIDDLE().certificate, ROOT().certificate]),
  'tls-rootdirect': showing(() => [leaf({ by: ROOT() })]),
  'tls-undernotca': under(once(() => middle({ extensions: [basicConstraints(false), AUTHORITY] }))),
  'tls-underclient': under(
    once(() => middle({ extensions: [basicConstraints(true), AUTHORITY, extendedKeyUsage('client')] })),
  ),
  'tls-undernc': under(
    once(() => middle({ extensions: [basicConstraints(true), AUTHORITY, nameConstraints('other.test')] })),
  ),
  'tls-underpathlen': showing(tooLong),
  'tls-selfsigned': showing(() => [leaf({ by: { name: HOST, keys: LEAF_KEYS() } })]),
  'tls-unknownca': showing(() => [leaf({ by: STRANGER() }), STRANGER().certificate]),
};

export const TLS_CERTIFICATES: Cases = { ...keys, ...names, ...dates, ...usages, ...chains };
