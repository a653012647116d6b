import { browsersSay, type Line, type Verdict } from './table.ts';

/** Why a probe should say something else than browsers show, and of which servers. */
export type Exception = { verdict: Verdict; reason: string; ids: string[] };

/** The page docs/probes.md gives the same reasons; a test holds the two together. */
export const EXCEPTIONS: Exception[] = [
  {
    verdict: 'failed',
    reason: 'The answer is cut short: visitors got this text, and not what should have followed.',
    ids: [
      'h1-short',
      'h1-shortrst',
      'h1-shorthang',
      'h1-untilrst',
      'h1-nolast',
      'h1-nolastrst',
      'h1-lastnocrlf',
      'h1-last0',
      'h1-inchunk',
      'h1-chunkopen',
    ],
  },
  {
    verdict: 'failed',
    reason: 'The status is not the one that is expected. Browsers show the page of any status.',
    ids: [
      'h1-code-999',
      'h1-code-000',
      'h1-code-1000',
      'h1-code-2000',
      'h1-code-20',
      'h1-code-600',
      'h1-code-20x',
      'h2-101',
    ],
  },
  {
    verdict: 'failed',
    reason: 'There is no status to be expected: Chromium makes one up, Firefox shows nothing.',
    ids: ['h1-code-abc', 'h1-code-neg', 'h1-status-glued'],
  },
  {
    verdict: 'failed',
    reason: 'An answer without a head (HTTP/0.9) has no status; a mail server that greets looks the same.',
    ids: ['h1-http09'],
  },
  {
    verdict: 'passed',
    reason:
      'Browsers save it as a file. What is probed is often no page; `expectHeaders` can ask for a content type.',
    ids: ['h1-octet', 'h1-attach', 'h1-type2'],
  },
  {
    verdict: 'passed',
    reason:
      'Nobody says in which character set it is, or in none that is known, and it is UTF-8: that is no outage.',
    ids: ['cs-none8', 'cs-none8ru', 'cs-plain', 'cs-unknown'],
  },
  {
    verdict: 'failed',
    reason:
      'Nobody says in which character set it is, and browsers guess from the text; a probe takes UTF-8, or windows-1252.',
    ids: ['cs-none1251'],
  },
  {
    verdict: 'failed',
    reason: 'Text rules look at the source of a page and not at what its entities mean.',
    ids: ['cs-entity'],
  },
  {
    verdict: 'failed',
    reason: 'A redirect without a place to go is a fault of the server, whatever page comes with it.',
    ids: ['rd-none-page'],
  },
  {
    verdict: 'failed',
    reason:
      'At most five redirects are followed: each costs visitors a round trip, and the probe a connection.',
    ids: ['rd-hops6', 'rd-hops10', 'rd-hops19'],
  },
  {
    verdict: 'failed',
    reason: 'Only redirects by status are followed; a page that sends on by itself is judged as it is.',
    ids: ['rd-refresh', 'rd-meta'],
  },
  {
    verdict: 'passed',
    reason: 'nghttp2 leaves out a header with a control byte, as Firefox does; Chromium refuses the answer.',
    ids: ['h2-ctl'],
  },
  {
    verdict: 'failed',
    reason: 'The group X25519MLKEM768 is not offered: its key would triple the bytes of each probe.',
    ids: ['tls-mlkem'],
  },
  {
    verdict: 'failed',
    reason:
      'A certificate for any purpose is refused by OpenSSL as by Firefox; public authorities may not issue one.',
    ids: ['tls-ekuany'],
  },
  {
    verdict: 'passed',
    reason:
      "The hello of a probe is smaller than a browser's; `check` and one look an hour offer a large one.",
    ids: ['tls-bigrecord', 'tls-splithello'],
  },
];

/** What the prober should say of a line, and why if that is not what browsers say. */
export const expectedOf = (line: Line): { verdict: Verdict; exception?: Exception } => {
  const exception = EXCEPTIONS.find(({ ids }) => ids.includes(line.id));
  return exception === undefined ? { verdict: browsersSay(line) } : { verdict: exception.verdict, exception };
};
