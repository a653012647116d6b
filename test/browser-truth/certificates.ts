import type tls from 'node:tls';
import type { Certificate, Keys } from '../../fixtures/x509/x509.ts';
import { LEAF_KEYS, leaf, leafExtensions, MIDDLE, once, ROOT } from './certificates/authorities.ts';

/** What the prober under test trusts. */
export const trusted = (): string => ROOT().certificate.pem;

/** What a server shows: these certificates in this order, with the key of the first. */
export const shows = (chain: Certificate[], keys: Keys = LEAF_KEYS()): tls.TlsOptions => ({
  cert: chain.map(({ pem }) => pem).join(''),
  key: keys.privateKey.export({ type: 'pkcs8', format: 'pem' }),
  ALPNProtocols: ['http/1.1'],
});

/** The site's own certificate under its authority, as it should be. */
export const siteTls = once(() => shows([leaf(), MIDDLE().certificate]));
/** That of another host. */
export const otherTls = once(() =>
  shows([leaf({ extensions: leafExtensions(['www.other.test']) }), MIDDLE().certificate]),
);
