import type { Observation, ProbeRequest } from '../../lambda/core/probe/request.ts';
import { probeBatch } from '../../lambda/prober/batch.ts';
import { checkedEvent, RefusedEvent } from '../../lambda/prober/event.ts';
import { type Shown, shownCertificate } from '../certificate.ts';
import { UsageError } from '../grammar.ts';
import type { Command } from '../result.ts';
import { type Line, paint, wrap } from '../screen.ts';

/** What a site's probe has without a configuration. */
const TIMEOUT_MS = 3000;
const DAY_MS = 86_400_000;

/** `probe`: one probe of one server, by the code that the probers run. */
export const probe: Command = async ({ url: text = '', server }, { screen, progress }) => {
  const request = requestFor(text, server);
  const deadlineMs = 2 * TIMEOUT_MS;
  const run = async () => {
    const { observations } = await probeBatch({ probes: [request], deadlineMs });
    const observation = observations[0] as Observation;
    return { observation, certificate: await certificateOf(request, observation) };
  };
  const { observation, certificate } = await progress(() => `Asking ${request.address}`, run());
  const { id: _id, ...seen } = observation;
  const lines: Line[] = [
    [
      ['bold', request.url],
      ['dim', `  at ${seen.remoteAddress ?? request.address}`],
    ],
    [[STYLE_OF[seen.outcome], seen.outcome], `  ${seen.code}`],
    ...wrap(seen.detail, screen.width, '  ').map((line): Line => [line]),
    [`  ${timings(seen)}`],
    ...(seen.browserHello?.outcome === 'failed' ? helloLines(seen.browserHello.detail, screen.width) : []),
    ...(certificate === undefined ? [] : certificateLines(certificate)),
    ...(seen.code === 'ok' ? [] : [[['dim', `What to do: docs/probes.md, ${seen.code}`]] as Line]),
  ];
  return {
    ok: seen.outcome === 'passed',
    text: lines.map((line) => paint(screen, line)).join('\n'),
    answer: { url: request.url, ...seen, ...(certificate !== undefined && { certificate }) },
  };
};

const helloLines = (detail: string, width: number): Line[] =>
  wrap(
    `A TLS hello as large as a browser's fails: ${detail}. docs/doctor.md, hello-refused`,
    width,
    '  ',
  ).map((line): Line => [['yellow', line]]);

const STYLE_OF = { passed: 'green', failed: 'red', unknown: 'yellow' } as const;

const requestFor = (text: string, server?: string): ProbeRequest => {
  const url = URL.parse(text);
  const address = server ?? url?.hostname.replace(/^\[|\]$/g, '') ?? '';
  const asked = {
    method: 'GET',
    headers: {},
    expectStatus: [200],
    timeoutMs: TIMEOUT_MS,
    browserHello: true,
  };
  const request = { id: 'probe', url: url?.href ?? text, address, ...asked };
  try {
    checkedEvent({ probes: [request], deadlineMs: TIMEOUT_MS });
  } catch (error) {
    if (!(error instanceof RefusedEvent)) throw error;
    // What can be wrong is what was typed; the event's own sentence is for the controller.
    const { path, rule, shown } = error;
    const typed = path === 'probes[0].url' ? 'URL' : '--server';
    throw new UsageError(`Expected ${typed} to be ${rule}, received ${shown}.`, 'probe');
  }
  return request;
};

const certificateOf = async (
  { url, address }: ProbeRequest,
  { remoteAddress, phases }: Observation,
): Promise<Shown | undefined> => {
  const parsed = new URL(url);
  if (!/^(https|tls):$/.test(parsed.protocol) || phases.connectMs === undefined) return undefined;
  return shownCertificate(parsed, remoteAddress ?? address, TIMEOUT_MS);
};

const timings = ({ phases }: Pick<Observation, 'phases'>): string => {
  const parts = [
    ['name', phases.dnsMs],
    ['connect', phases.connectMs],
    ['TLS', phases.tlsMs],
    ['first byte', phases.firstByteMs],
    ['in all', phases.totalMs],
  ] as const;
  return parts.flatMap(([name, ms]) => (ms === undefined ? [] : [`${name} ${ms} ms`])).join(', ');
};

const certificateLines = ({ subject, issuer, names, validFrom, validTo, protocol }: Shown): Line[] => {
  const days = Math.floor((Date.parse(validTo) - Date.now()) / DAY_MS);
  const left = days < 0 ? `ended ${-days} days ago` : `${days} days left`;
  return [
    [`  certificate ${subject}${names === '' ? '' : ` for ${names}`}`],
    [`    issued by ${issuer}`],
    [`    valid from ${validFrom} to ${validTo} (${left}), ${protocol}`],
  ];
};
