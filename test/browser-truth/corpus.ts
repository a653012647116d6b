import type { Cases } from './case.ts';
import { CHARSETS } from './charsets.ts';
import { CODINGS } from './codings.ts';
import { HTTP1_BODIES } from './http1-bodies.ts';
import { HTTP1_HEADS } from './http1-heads.ts';
import { HTTP2 } from './http2.ts';
import { REDIRECTS } from './redirects.ts';
import { TLS_CERTIFICATES } from './tls-certificates.ts';
import { TLS_HANDSHAKES } from './tls-handshakes.ts';

/** All servers of the table, by the name that they have there. */
export const CORPUS: Cases = {
  ...HTTP1_HEADS,
  ...HTTP1_BODIES,
  ...CODINGS,
  ...CHARSETS,
  ...REDIRECTS,
  ...TLS_CERTIFICATES,
  ...TLS_HANDSHAKES,
  ...HTTP2,
};
