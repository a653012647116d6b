/**
 * Everything that bounds what one server can cost. Each number is far above what a page needs, and small enough that a batch of
 * servers that all use it up neither fills the smallest prober nor keeps it from listening to the others.
 */

/** Status line and headers together: what Chromium takes (`kMaxHeaderBufSize`). All interim answers together may have as much. */
export const MAX_HEAD_BYTES = 262_144;

/** Interim answers (1xx) before the answer. Browsers take 200 without a word; each costs as much as an answer's head. */
export const MAX_INTERIM_ANSWERS = 1_000;

/** Bytes of a chunked body that are no body: sizes, extensions, line ends, trailers. Browsers take 100 KB of trailers. */
export const MAX_FRAMING_BYTES = 262_144;

/** Chunks of one body: each costs as much as an answer's head does, however small it is. */
export const MAX_CHUNKS = 10_000;

/** The line with the size of a chunk, its extension included, and that of a trailer: what Chromium takes (`kMaxLineBufLen`). */
export const MAX_CHUNK_LINE_BYTES = 16_384;

/**
 * How much of a body is read, and how much of it decompressed: twelve times what Route 53 looks at, more than most pages
 * carry before their end, and little enough for some hundred probes at once in the smallest prober.
 */
export const MAX_BODY_BYTES = 65_536;

/** How many codings of a body are undone, one after the other. Servers use one, and two by mistake. */
export const MAX_CODINGS = 4;

/** How many of them may be brotli or zstd. Each has a window of megabytes to fill, and a body of 153 bytes can fill four of 16 MB. */
export const MAX_WINDOW_CODINGS = 1;

/** How many frames of Zstandard one body may have: a decoder each. What packs a file in parallel makes one for half a megabyte. */
export const MAX_ZSTD_FRAMES = 8;

/** Cookies that are kept within one probe, how many of them when there are more (Chromium's), and what one may weigh (RFC 6265, 6.1). */
export const MAX_COOKIES = 180;
export const KEPT_COOKIES = 150;
export const MAX_COOKIE_CHARACTERS = 4_096;
/** Longer attributes of a cookie are left out (RFC 6265bis, 5.6). */
export const MAX_ATTRIBUTE_CHARACTERS = 1_024;
/** Attributes of a cookie that are looked at, the first ones. There are nine names of them. */
export const MAX_COOKIE_ATTRIBUTES = 50;

/** Lines of one header that a rule looks at, the first ones. A head has room for 40,000, and each is matched by itself. */
export const MAX_HEADER_VALUES = 100;

/** Reads of one connection that cost nothing but themselves: a whole answer of 64 KiB in packets of 1,400 bytes. */
export const FREE_READS = 64;

/** From then on a connection is read once in so many milliseconds; what comes in between waits in the kernel's buffer. */
export const PACE_MS = 20;

/**
 * Pieces of one answer: TLS hands over each record by itself, however little is in it, and each costs as much as a packet. The 64 KiB of a
 * body that are read have 33 bytes in each then.
 */
export const MAX_READS = 2_000;

/**
 * What the verification of a server's certificates may take OpenSSL, milliseconds of a whole core (`chainCostMs`); all of it is one call,
 * in which nobody is listened to. Three certificates on P-384 take 2, six on P-521 nine; the smallest prober needs 140 ms for ten.
 */
export const MAX_CHAIN_MS = 10;

/** Records that are held back until the certificates in them are whole: the longest chain that OpenSSL takes has 100 bytes in each then. */
export const MAX_FIRST_RECORDS = 1_000;

/** Tickets with which a TLS session may be taken up again; OpenSSL takes any number, and servers send two. */
export const MAX_TICKETS = 100;

/** New keys of one TLS 1.3 connection (KeyUpdate): what Chromium takes. A server needs one after some gigabytes. */
export const MAX_KEYS = 32;

/**
 * Bytes of one connection that stay within TLS: the longest chain that OpenSSL takes has 100 KB. A handshake has some four,
 * and those of an ordinary one are free.
 */
export const MAX_TLS_BYTES = 262_144;
export const FREE_TLS_BYTES = 16_384;

/**
 * All bytes of one HTTP/2 connection: a head, a body and framing at their bounds, and half as much again. A flood of SETTINGS, PING,
 * CONTINUATION or of any frame that never becomes an answer ends here.
 */
export const MAX_SESSION_BYTES = 1_000_000;

/** The same over HTTP/2, where each costs as much as ten over HTTP/1.1; more than the 200 that browsers were seen to take. */
export const MAX_HTTP2_INTERIM_ANSWERS = 250;

/** Header fields of all interim answers of one connection over HTTP/2, a byte each on the wire: what ten heads of Node's limit have. */
export const MAX_HTTP2_INTERIM_FIELDS = 1_000;

/** Frames of DATA of one body over HTTP/2: each costs eight times what a chunk does, and a body of 64 KiB has 33 bytes in each then. */
export const MAX_DATA_FRAMES = 2_000;

/**
 * Frames of HTTP/2 beside an answer that Node hands over one by one: ORIGIN and GOAWAY. Servers send one or two. SETTINGS and PING
 * are bounded by Node itself, at as many.
 */
export const MAX_SIDE_FRAMES = 1_000;

/** What is wrong with bytes that came; `code` is known to `codeOfError`. */
export const fault = (
  code: 'DEAR_CHAIN' | 'MALFORMED' | 'HEAD_TOO_LARGE' | 'FLOOD' | 'ENDED' | 'BROKEN' | 'WEAK_SUITE',
  message: string,
  cause?: unknown,
): Error => Object.assign(new Error(message, { cause }), { code });

/**
 * Why a connection ends whose server wants a second handshake (renegotiation, TLS 1.2): its certificates would be verified before anybody
 * has looked at them. Browsers refuse it over HTTP/2, and over HTTP/1.1 take part if the certificate is the same one.
 */
export const secondHandshake = (): Error => fault('FLOOD', 'a second handshake on one connection');
