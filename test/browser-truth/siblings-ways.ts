import {
  basicConstraints,
  type Certificate,
  extendedKeyUsage,
  issue,
  keyUsage,
  nameConstraints,
  unknownCritical,
} from '../../fixtures/x509/x509.ts';
import type { Case, Cases } from './case.ts';
import {
  type Authority,
  leaf,
  MIDDLE,
  middle,
  OLD,
  once,
  ROOT,
  rsaKeys,
  SOUND,
  STRANGER,
} from './certificates/authorities.ts';
import { shows } from './certificates.ts';
import { overTls } from './tls-certificates.ts';

const USAGE = keyUsage('keyCertSign', 'cRLSign');
const AUTHORITY = [basicConstraints(true), USAGE];
const NAME = 'Truth intermediate';

/** The key of the intermediate, with a certificate that another one made for it, or it for itself. */
const crossed = (by: () => Pick<Authority, 'name' | 'keys'>, changes: object = {}): Certificate =>
  issue({
    name: NAME,
    publicKey: MIDDLE().keys.publicKey,
    by: by(),
    ...SOUND,
    extensions: AUTHORITY,
    ...changes,
  });
const byStranger = () => crossed(STRANGER);
const ofAnotherKey = once(() =>
  issue({ name: NAME, publicKey: rsaKeys().publicKey, by: ROOT(), ...SOUND, extensions: AUTHORITY }),
);
const changed = (...extensions: Buffer[]) => middle({ extensions }).certificate;
const forClients = () => changed(...AUTHORITY, extendedKeyUsage('client'));
const ofOtherHosts = (domain: string) => () => changed(...AUTHORITY, nameConstraints(domain));
const forOthers = ofOtherHosts('other.test');
const noAuthority = () => changed(basicConstraints(false), USAGE);
const withUnknown = () => changed(...AUTHORITY, unknownCritical());
const withoutSigning = () => changed(basicConstraints(true), keyUsage('cRLSign'));
const bySha1 = () => middle({ hash: 'sha1' }).certificate;

/** A certificate in order, and then these. */
const sends = (...more: (() => Certificate)[]): Case =>
  overTls(() => ({
    ...shows([leaf(), ...more.map((make) => make())]),
    // Servers do not mind how their own chain is signed.
    ciphers: 'DEFAULT@SECLEVEL=0',
  }));
const right = () => MIDDLE().certificate;

/** A further authority below the intermediate, for chains in which the length of the path counts. */
const lower = once((): Authority => {
  const keys = rsaKeys();
  const name = 'Truth lower';
  const certificate = issue({
    name,
    publicKey: keys.publicKey,
    by: MIDDLE(),
    ...SOUND,
    extensions: AUTHORITY,
  });
  return { name, keys, certificate };
});
const tooShort = () => changed(basicConstraints(true, 0), USAGE);
const underLower = (...more: (() => Certificate)[]): Case =>
  overTls(() => shows([leaf({ by: lower() }), lower().certificate, ...more.map((make) => make())]));

/** Chains with two ways up, the wrong one first; and with two of which none is right. */
export const SIBLINGS_WAYS: Cases = {
  'tls-ways-stranger': sends(byStranger, right),
  'tls-ways-strangerroot': sends(byStranger, () => STRANGER().certificate, right),
  'tls-ways-samename': sends(ofAnotherKey, right),
  'tls-ways-clients': sends(forClients, right),
  'tls-ways-constrained': sends(forOthers, right),
  'tls-ways-noauthority': sends(noAuthority, right),
  'tls-ways-sha1': sends(bySha1, right),
  'tls-ways-critical': sends(withUnknown, right),
  'tls-ways-nosigning': sends(withoutSigning, right),
  'tls-ways-itself': sends(() => crossed(MIDDLE), right),
  'tls-ways-ended': sends(() => crossed(STRANGER, OLD), right),
  'tls-ways-three': sends(byStranger, forOthers, right),
  'tls-ways-four': sends(
    byStranger,
    ofOtherHosts('a.test'),
    ofOtherHosts('b.test'),
    ofOtherHosts('c.test'),
    right,
  ),
  'tls-ways-path': underLower(tooShort, right),
  'tls-ways-none': sends(byStranger, forClients),
  'tls-ways-noneconstrained': sends(byStranger, forOthers),
  'tls-ways-nonecritical': sends(byStranger, withUnknown),
  'tls-ways-nonesha1': sends(byStranger, bySha1),
  'tls-ways-noneauthority': sends(byStranger, noAuthority),
  'tls-ways-noneitself': sends(byStranger, () => crossed(MIDDLE)),
  'tls-ways-noneroot': sends(byStranger, () => STRANGER().certificate),
  'tls-ways-noneended': sends(byStranger, () => middle(OLD).certificate),
  'tls-ways-nonepath': underLower(() => crossed(STRANGER), tooShort),
  'tls-ways-leafended': overTls(() => shows([leaf(OLD), byStranger(), right()])),
  'tls-ways-leafclients': overTls(() =>
    shows([
      leaf({
        extensions: [basicConstraints(false), keyUsage('digitalSignature'), extendedKeyUsage('client')],
      }),
      byStranger(),
      right(),
    ]),
  ),
};
