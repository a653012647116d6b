import { canonicalAddress } from '../../lambda/core/base/address.ts';
import type { ProbeSpec } from '../../lambda/core/site/site.ts';
import type { Draft, Field, Idle } from './draft.ts';
import { canonicalName } from './names.ts';
import type { ProbeInput } from './probe-input.ts';
import { canonicalUrl } from './values.ts';

const PROBE_DEFAULTS = { method: 'GET', headers: {}, expectStatus: [200], timeoutSeconds: 3 };

type Given = Draft<ProbeInput> | null | undefined;
/** Fields that mean something to a probe of each scheme; those without an entry take all. */
const MEANT: Record<string, Field[]> = {
  tcp: ['url', 'timeoutSeconds', 'slowAfterSeconds', 'slowIs'],
  tls: ['url', 'timeoutSeconds', 'slowAfterSeconds', 'slowIs', 'ca', 'minTls'],
};

/**
 * The probe of a site: its own fields, then those of `defaults`, then what is built in. Null as a whole when either side
 * is unreadable. What `defaults` says about HTTP is not meant for a site whose own URL is of another kind, and left out;
 * other fields that say nothing there are `idle`.
 */
export const resolveProbe = (
  own: Given,
  shared: Given,
): { probe: Draft<ProbeSpec> | null; idle: Idle[]; lacksUrl: boolean } => {
  if (own === null || shared === null) return { probe: null, idle: [], lacksUrl: false };
  const url = own?.url === undefined ? shared?.url : own.url;
  const scheme = /^(?:tcp|tls)(?=:)/i.exec(url ?? '')?.[0].toLowerCase() ?? '';
  const meant = MEANT[scheme];
  const fits = ([field]: [string, unknown]) => meant === undefined || meant.includes(field as Field);
  const inherited = entries(shared).filter((entry) => own?.url === undefined || fits(entry));
  const written = new Map<string, unknown>([...inherited, ...entries(own)]);
  const idle = [...written]
    .filter((entry) => !fits(entry))
    .map(([field]) => ({ field: field as Field, scheme }));
  const { headers, ca, followRedirects, redirectHosts, ...merged } = {
    ...PROBE_DEFAULTS,
    ...(Object.fromEntries(written) as Draft<ProbeInput>),
  };
  const probe = {
    ...merged,
    url: url ? canonicalUrl(url) : null,
    method: merged.method?.toUpperCase() ?? null,
    ...headersApart(headers ?? null),
    // The schema lets no object pass: a file has been read when the configuration was.
    ...(ca !== undefined && { ca: ca as string | null }),
    ...(redirectHosts && { redirectHosts: redirectHosts.map((host) => host && canonicalHost(host)) }),
    ...(followRedirects !== undefined && followRedirects !== 0 && { followRedirects }),
  } as Draft<ProbeSpec>;
  return { probe, idle, lacksUrl: url === undefined };
};

/** As the prober compares it. */
const canonicalHost = (host: string): string => canonicalName(canonicalAddress(host));

const entries = (given: Draft<ProbeInput> | undefined): [string, unknown][] =>
  Object.entries(given ?? {}).filter(([, value]) => value !== undefined);

/** Headers as they are written here, and those whose value is kept elsewhere. */
const headersApart = (
  headers: Draft<NonNullable<ProbeInput['headers']>> | null,
): Pick<Draft<ProbeSpec>, 'headers' | 'secretHeaders'> => {
  if (headers === null) return { headers: null };
  const all = Object.entries(headers);
  const secret = all.flatMap(([name, value]) =>
    typeof value === 'object' && value !== null ? [[name, value.secret] as const] : [],
  );
  const open = all.filter(([, value]) => typeof value !== 'object' || value === null);
  return {
    headers: Object.fromEntries(open) as Record<string, string | null>,
    ...(secret.length > 0 && { secretHeaders: Object.fromEntries(secret) }),
  };
};
