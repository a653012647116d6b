import { clockTime, duration } from '../base/time.ts';
import type { Site } from '../site/site.ts';
import type { Finding } from '../state/finding.ts';
import type { Code } from './catalogue.ts';
import type { SiteServers } from './facts.ts';
import { finding, listed, lowerFirst } from './findings.ts';

/** A certificate that ends sooner is worth a word: renewals are usually made thirty days ahead. Milliseconds. */
const ENDS_SOON_MS = 14 * 86_400_000;

const CERTIFICATE: Record<string, Code> = {
  'tls-name': 'certificate-name',
  'tls-expired': 'certificate-expired',
  'tls-revoked': 'certificate-revoked',
  'tls-untrusted': 'certificate-untrusted',
};

/** Each server as a visitor would meet it, seen from where the doctor looks. */
export const serverFindings = (site: Site, seen: SiteServers, nowMs: number): Finding[] => {
  const about = { site: site.name };
  const standby = seen.standby === 'unable' ? [noStandby(site, seen)] : [];
  const each = seen.probes.flatMap((probe): Finding[] => {
    const who = `${probe.server} (${probe.address}) of ${site.name}`;
    if (probe.outcome === 'failed') {
      return [
        finding(
          CERTIFICATE[probe.code] ?? 'server-fails',
          about,
          `${who} fails: ${probe.code}, ${probe.detail}.`,
        ),
      ];
    }
    return [...helloFindings(probe, who, about), ...endFindings(probe, who, about, nowMs)];
  });
  const unseen = seen.probes.filter(({ outcome }) => outcome === 'unknown');
  if (unseen.length === 0) return [...standby, ...each];
  const told = unseen.map(({ server, address, detail }) => `${server} (${address}): ${detail}`);
  return [
    ...standby,
    ...each,
    finding(
      'server-unseen',
      about,
      `Not everything of ${site.name} can be looked at from here: ${listed(told)}.`,
    ),
  ];
};

/** Which servers would have to work again; facts of an earlier version name none. */
const noStandby = ({ name }: Site, { text, unable = ['what would take over'] }: SiteServers): Finding =>
  finding('no-standby', { site: name }, `${name}: ${lowerFirst(text)}`, listed(unable));

type Seen = SiteServers['probes'][number];
type About = { site: string };

/** A certificate that ends soon: the server's own, or one above it. */
const endFindings = (probe: Seen, who: string, about: About, nowMs: number): Finding[] => {
  const { certificateExpiresMs: endsMs, certificateAuthority: authority } = probe;
  if (endsMs === undefined || endsMs - nowMs > ENDS_SOON_MS) return [];
  const left = endsMs <= nowMs ? 'has ended' : `ends in ${duration(endsMs - nowMs)}`;
  const when = `${left} (${clockTime(endsMs)})`;
  return [
    authority === undefined
      ? finding('certificate-ends', about, `The certificate of ${who} ${when}.`)
      : finding('authority-ends', about, `The authority ${authority}, above ${who}, ${when}.`),
  ];
};

/** A server that takes the hello of a probe and none as large as a browser's. */
const helloFindings = ({ browserHello }: Seen, who: string, about: About): Finding[] => {
  if (browserHello?.outcome !== 'failed') return [];
  const text = `${who} passes, and fails when the TLS hello is as large as a browser's: ${browserHello.detail}.`;
  return [finding('hello-refused', about, text)];
};
