import { within } from '../async/deadline.ts';
import { Fault } from '../core/base/fault.ts';
import type { Sighting } from '../core/evidence/judge.ts';
import { targetsOf } from '../core/evidence/targets.ts';
import { isHelloDue, worseHello } from '../core/probe/browser-hello.ts';
import { OUTCOMES, printable } from '../core/probe/outcome.ts';
import type { Observation, ProbeRequest } from '../core/probe/request.ts';
import type { Config, Site } from '../core/site/site.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import { logFault } from '../log/lines.ts';
import type { KnownSecrets, Logging, World } from '../ports.ts';

/** A site to look at in this round, from all vantages or from the one whose turn it is. */
export type Asked = { site: Site; full: boolean };

/** What asking vantages takes. */
export type ObservePorts = Logging & Pick<World, 'config' | 'probers' | 'secrets'>;

/** `lacking`: why it cannot be asked, which is then what came of it. */
export type Planned = { site: string; key: string; request: ProbeRequest; lacking?: string };

/** Probes in one Invoke: one wave of the prober's connections. More sites make more Invokes of the same vantage. */
export const PROBES_PER_INVOKE = 150;
/**
 * A batch may take twice its longest probe, since a prober short of CPU gives back the time that it lost itself, and a
 * second for its own work.
 */
const batchDeadlineMs = (probes: ProbeRequest[]): number =>
  Math.min(2 * Math.max(...probes.map((p) => p.timeoutMs)) + 1000, LONGEST_BATCH_MS);
/** The prober's function ends at 70 s; what it has seen by then must be on its way before. */
const LONGEST_BATCH_MS = 65_000;

/** What is to be asked for one site, address by address. */
export const planned = (
  site: Site,
  view: ZoneView,
  secrets: KnownSecrets,
  { full, startMs, intervalMs }: { full: boolean; startMs: number; intervalMs: number },
): Planned[] => {
  // Not while all vantages look: the site is in trouble then, and its servers have enough to do.
  const browserHello = !full && isHelloDue(site.name, startMs, intervalMs);
  const lacking = lackingOf(site, secrets);
  return targetsOf(site, view).flatMap(({ key, addresses }) =>
    addresses.map((address) => ({
      site: site.name,
      key,
      request: {
        ...requestFor(site, `${site.name} ${key} ${address}`, address, secrets.values),
        ...(browserHello && { browserHello }),
      },
      ...(lacking !== undefined && { lacking }),
    })),
  );
};

/** A server that misses the secret it waits for would turn the probe away, however well it is. */
const lackingOf = ({ probe: { secretHeaders } }: Site, secrets: KnownSecrets): string | undefined => {
  const name = Object.values(secretHeaders ?? {}).find((each) => !secrets.values.has(each));
  if (name === undefined) return undefined;
  const why = secrets.lacking.get(name) ?? 'the parameter store has not answered';
  return `${OUTCOMES['secret-unavailable'][1]}: ${name}, ${why}`;
};

/** What is known of the secrets of these sites. Without a keeper nothing is. */
export const secretsFor = async (ports: ObservePorts, sites: Site[]): Promise<KnownSecrets> => {
  const names = sites.flatMap((site) => Object.values(site.probe.secretHeaders ?? {}));
  if (names.length === 0 || ports.secrets === undefined) return { values: new Map(), lacking: new Map() };
  const known = await ports.secrets.of(names);
  if (known.fault !== undefined) logFault(ports, 'secrets', known.fault);
  return known;
};

/**
 * What is asked of a server of `site` that is found at `address`. `secrets` holds the values of SSM parameters by name;
 * a header whose value is not among them is left out.
 */
export const requestFor = (
  site: Site,
  id: string,
  address: string,
  secrets: ReadonlyMap<string, string> = new Map(),
): ProbeRequest => {
  const { timeoutSeconds, slowAfterSeconds, secretHeaders, ...question } = site.probe;
  const known = Object.entries(secretHeaders ?? {}).flatMap(([header, parameter]) => {
    const value = secrets.get(parameter);
    return value === undefined ? [] : [[header, value] as const];
  });
  return {
    id,
    address,
    timeoutMs: timeoutSeconds * 1000,
    ...question,
    headers: { ...question.headers, ...Object.fromEntries(known) },
    ...(secretHeaders !== undefined && { secretHeaders: Object.keys(secretHeaders) }),
    ...(slowAfterSeconds !== undefined && { slowAfterMs: slowAfterSeconds * 1000 }),
  };
};

/** Several addresses of one server are one sighting: a visitor may get any of them, so one that fails fails it. */
export const combine = (before: Sighting | undefined, seen: Observation): Sighting => {
  const { totalMs, ...phases } = seen.phases;
  const sighting: Sighting = {
    outcome: seen.outcome,
    code: seen.code,
    detail: seen.detail,
    totalMs,
    ...(Object.keys(phases).length > 0 && { phases }),
    ...(seen.status === undefined ? {} : { status: seen.status }),
  };
  const certificate = firstToEnd(before, seen);
  const browserHello = worseHello(before?.browserHello, seen.browserHello);
  const rank = { failed: 2, passed: 1, unknown: 0 };
  const worse = before === undefined || rank[sighting.outcome] > rank[before.outcome] ? sighting : before;
  // What belongs to one certificate stays together.
  const { certificateStartsMs: _, certificateExpiresMs: __, certificateAuthority: ___, ...rest } = worse;
  return { ...rest, ...certificate, ...(browserHello && { browserHello }) };
};

type Ending = Pick<Sighting, 'certificateStartsMs' | 'certificateExpiresMs' | 'certificateAuthority'>;

const firstToEnd = (...seen: (Ending | undefined)[]): Ending => {
  const shown = seen.flatMap((each) => (each?.certificateExpiresMs === undefined ? [] : [each]));
  const [first] = shown.sort((a, b) => Number(a.certificateExpiresMs) - Number(b.certificateExpiresMs));
  if (first === undefined) return {};
  const { certificateStartsMs, certificateExpiresMs, certificateAuthority } = first;
  return {
    ...(certificateStartsMs !== undefined && { certificateStartsMs }),
    ...(certificateExpiresMs !== undefined && { certificateExpiresMs }),
    ...(certificateAuthority !== undefined && { certificateAuthority }),
  };
};

const REFERENCE = 'reference ';
const REFERENCE_TIMEOUT_MS = 3000;

/** What a vantage doubts itself by: any HTTP answer of any reference will do. They belong to no site. */
export const referencesOf = ({ references }: Config): Planned[] =>
  references.map((url) => ({
    site: REFERENCE,
    key: url,
    request: {
      id: `${REFERENCE}${url}`,
      url,
      address: new URL(url).hostname,
      method: 'GET',
      headers: {},
      expectStatus: ['100-599'],
      timeoutMs: REFERENCE_TIMEOUT_MS,
    },
  }));

/** A vantage that sees none of its references abstains: what it saw of the sites is trouble of its own. */
const doubted = (config: Config, seen: Observation[]): Observation[] => {
  const references = seen.filter((o) => o.id.startsWith(REFERENCE));
  if (config.references.length === 0 || references.some((o) => o.outcome === 'passed')) return seen;
  // A prober that answers for sites and for no reference has seen none of these either.
  const why = references[0]?.detail ?? 'it did not answer for them';
  // One that could not be asked at all is not blind for want of a reference.
  return references[0]?.code === 'vantage-blind'
    ? seen.map(({ id }) => notSeen(id, 'vantage-blind', why))
    : seen.map(({ id }) => notSeen(id, 'unreferenced', `${OUTCOMES.unreferenced[1]}: ${why}`));
};

type Unseen = 'vantage-blind' | 'unreferenced' | 'secret-unavailable';

export const notSeen = (id: string, code: Unseen, detail = ''): Observation => ({
  id,
  outcome: 'unknown',
  code,
  detail: printable(detail, 200),
  phases: { totalMs: 0 },
});

/**
 * A prober's answer is given up three seconds after the batch's deadline (`edge/lambda.ts`). Should it not even fail by
 * this time on top of the deadline, the other vantages decide without it.
 */
const ANSWER_SLACK_MS = 5000;

/** A vantage that could not look has seen nothing: `unknown`, never `failed`. */
const askVantage = (ports: ObservePorts, vantage: string, batch: Planned[]): Promise<Observation[]> => {
  const probes = batch.map((p) => p.request);
  const deadlineMs = batchDeadlineMs(probes);
  const limitMs = deadlineMs + ANSWER_SLACK_MS;
  const words = `expected an answer from ${vantage} within ${limitMs} ms, received none`;
  return within(ports.clock, limitMs, () => ports.probers.probe(vantage, { probes, deadlineMs }), {
    late: () => new Fault('lost', 'Lambda', 'Invoke', words),
    otherwise: (error) => {
      if (!(error instanceof Fault)) throw error;
      logFault(ports, `vantage ${vantage}`, error);
      return probes.map((p) => notSeen(p.id, 'vantage-blind', error.message));
    },
  });
};

/** What a vantage saw of a batch, as far as it can be believed, and each of them by its plan. Asks and forgets. */
export const probe = async (
  ports: ObservePorts,
  vantage: string,
  batch: Planned[],
): Promise<{ believed: Observation[]; seenOf(plan: Planned): Observation }> => {
  const seen = await askVantage(ports, vantage, [...batch, ...referencesOf(ports.config)]);
  const believed = doubted(ports.config, seen);
  const byId = new Map(believed.map((o) => [o.id, o]));
  const seenOf = ({ request: { id } }: Planned) =>
    byId.get(id) ?? notSeen(id, 'vantage-blind', 'the prober did not answer for it');
  return { believed, seenOf };
};
