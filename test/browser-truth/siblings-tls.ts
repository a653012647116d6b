import { generateKeyPairSync } from 'node:crypto';
import { basicConstraints, issue, type Keys, keyUsage } from '../../fixtures/x509/x509.ts';
import type { Case, Cases } from './case.ts';
import { leaf, MIDDLE, once, ROOT, rsaKeys, SOUND } from './certificates/authorities.ts';
import { shows } from './certificates.ts';
import { overTls } from './tls-certificates.ts';
import { LEGACY } from './tls-legacy.ts';

const AUTHORITY = [basicConstraints(true), keyUsage('keyCertSign', 'cRLSign')];
const onCurve = (namedCurve: string) => (): Keys => generateKeyPairSync('ec', { namedCurve });

/** A leaf in order below so many authorities, one under the other, all with this key; the root is trusted. */
const deep = (count: number, make: () => Keys): Case =>
  overTls(() => {
    const keys = make();
    const names = Array.from({ length: count }, (_, nth) => ({ name: `Truth deep ${nth}`, keys }));
    const above = [ROOT(), ...names];
    const chain = names.map(({ name }, nth) =>
      issue({
        name,
        publicKey: keys.publicKey,
        by: above[nth] as (typeof above)[0],
        ...SOUND,
        extensions: AUTHORITY,
      }),
    );
    return shows([leaf({ by: above.at(-1) as (typeof above)[0] }), ...chain.reverse()]);
  });

/** One more certificate behind a chain in order, which leads nowhere and nobody needs. */
const stray = (make: () => Keys): Case =>
  overTls(() => {
    const name = 'Truth stray';
    const extra = issue({ name, publicKey: make().publicKey, by: ROOT(), ...SOUND, extensions: AUTHORITY });
    return shows([leaf(), MIDDLE().certificate, extra]);
  });

const rsa = once(() => rsaKeys());

/** Chains of certificates beside those of the table. */
export const SIBLINGS_TLS: Cases = {
  'tls-legacy': LEGACY,
  'tls-deep6': deep(6, rsa),
  'tls-deep10': deep(10, rsa),
  'tls-deep15': deep(15, rsa),
  'tls-deep20': deep(20, rsa),
  'tls-deep80': deep(80, rsa),
  'tls-deep6p521': deep(6, onCurve('P-521')),
  'tls-deep12p521': deep(12, onCurve('P-521')),
  'tls-under-sect571': deep(1, onCurve('sect571r1')),
  'tls-stray-sect571': stray(onCurve('sect571r1')),
};
