import { Fault } from './core/fault.ts';
import type { Look, Sighting } from './core/judge.ts';
import { OUTCOMES, printable } from './core/outcome.ts';
import type { Observation, ProbeRequest } from './core/probe.ts';
import type { Config, Site } from './core/site.ts';
import { targetsOf } from './core/targets.ts';
import { within } from './edge/clock.ts';
import type { KnownSecrets } from './secrets.ts';
import { noteDefect, type Watch, type Watched } from './watch.ts';
import { logFault, type World } from './world.ts';

/** A site to look at in this round, from all vantages or from the one whose turn it is. */
export type Asked = { watched: Watched; full: boolean };

/** `lacking`: why it cannot be asked, which is then what came of it. */
type Planned = { site: string; key: string; request: ProbeRequest; lacking?: string };

/** Probes in one Invoke: one wave of the prober's connections. More sites make more Invokes of the same vantage. */
export const PROBES_PER_INVOKE = 150;
/**
 * A batch may take twice its longest probe, since a prober short of CPU gives back the time that it lost itself, and a second
 * for its own work.
 */
const batchDeadlineMs = (probes: ProbeRequest[]): number =>
  Math.min(2 * Math.max(...probes.map((p) => p.timeoutMs)) + 1000, LONGEST_BATCH_MS);
/** The prober's function ends at 70 s; what it has seen by then must be on its way before. */
const LONGEST_BATCH_MS = 65_000;

/** The vantage whose turn it is in the interval of `startMs`. */
export const vantageOfTurn = (config: Config, startMs: number): string =>
  config.vantages[Math.floor(startMs / (config.intervalSeconds * 1000)) % config.vantages.length] as string;

const planned = ({ watched: { site, standing } }: Asked, secrets: KnownSecrets): Planned[] => {
  const lacking = lackingOf(site, secrets);
  return targetsOf(site, standing ?? { kind: 'nothing' }).flatMap(({ key, addresses }) =>
    addresses.map((address) => ({
      site: site.name,
      key,
      request: requestFor(site, `${site.name} ${key} ${address}`, address, secrets.values),
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
const secretsFor = async (world: World, asked: Asked[]): Promise<KnownSecrets> => {
  const names = asked.flatMap(({ watched }) => Object.values(watched.site.probe.secretHeaders ?? {}));
  if (names.length === 0 || world.secrets === undefined) return { values: new Map(), lacking: new Map() };
  const known = await world.secrets.of(names);
  if (known.fault !== undefined) logFault(world, 'secrets', known.fault);
  return known;
};

/**
 * What is asked of a server of `site` that is found at `address`. `secrets` holds the values of SSM parameters by name; a
 * header whose value is not among them is left out.
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
const combine = (before: Sighting | undefined, seen: Observation): Sighting => {
  const sighting: Sighting = {
    outcome: seen.outcome,
    code: seen.code,
    detail: seen.detail,
    totalMs: seen.phases.totalMs,
    ...(seen.status === undefined ? {} : { status: seen.status }),
  };
  const certificate = firstToEnd(before, seen);
  const rank = { failed: 2, passed: 1, unknown: 0 };
  const worse = before === undefined || rank[sighting.outcome] > rank[before.outcome] ? sighting : before;
  return { ...worse, ...certificate };
};

const firstToEnd = (
  ...seen: (Pick<Sighting, 'certificateStartsMs' | 'certificateExpiresMs'> | undefined)[]
): Pick<Sighting, 'certificateStartsMs' | 'certificateExpiresMs'> => {
  const shown = seen.flatMap((each) => (each?.certificateExpiresMs === undefined ? [] : [each]));
  const [first] = shown.sort((a, b) => Number(a.certificateExpiresMs) - Number(b.certificateExpiresMs));
  if (first === undefined) return {};
  const { certificateStartsMs, certificateExpiresMs } = first;
  return { ...(certificateStartsMs !== undefined && { certificateStartsMs }), certificateExpiresMs };
};

/** Asks and forgets: one look at each site, as seen from each vantage that was to look. */
export const probe = async (
  world: World,
  watch: Watch,
  asked: Asked[],
  startMs: number,
): Promise<Map<string, Look>> => {
  const { config } = world;
  const secrets = await secretsFor(world, asked);
  const turn = vantageOfTurn(config, startMs);
  const looks = new Map<string, Look>(
    asked.map(({ watched, full }) => [
      watched.site.name,
      { startMs, full: full || config.vantages.length === 1, sightings: {} },
    ]),
  );
  const fromVantage = async (vantage: string) => {
    const all = asked
      .filter(({ full }) => full || vantage === turn)
      .flatMap((each) => planned(each, secrets));
    const withheld = all.filter(({ lacking }) => lacking !== undefined);
    record(
      looks,
      vantage,
      withheld,
      withheld.map(({ request, lacking }) => notSeen(request.id, 'secret-unavailable', lacking)),
    );
    const plans = all.filter(({ lacking }) => lacking === undefined);
    const batches: Planned[][] = [];
    for (let from = 0; from < plans.length; from += PROBES_PER_INVOKE) {
      batches.push(plans.slice(from, from + PROBES_PER_INVOKE));
    }
    batches[0]?.push(...referencesOf(config));
    if (batches.length === 0) return;
    try {
      const seen = await Promise.all(batches.map((batch) => askVantage(world, vantage, batch)));
      const believed = doubted(config, seen.flat());
      noteVantage(watch, vantage, believed);
      record(looks, vantage, batches.flat(), believed);
    } catch (error) {
      // A defect of ours that one vantage brings about must not keep the answers of the others.
      noteDefect(world, watch, error);
    }
  };
  await Promise.all(config.vantages.map(fromVantage));
  return looks;
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

const record = (
  looks: Map<string, Look>,
  vantage: string,
  batch: Planned[],
  observations: Observation[],
): void => {
  const byId = new Map(observations.map((o) => [o.id, o]));
  for (const { site, key, request } of batch) {
    const look = looks.get(site);
    if (look === undefined) continue;
    const seen =
      byId.get(request.id) ?? notSeen(request.id, 'vantage-blind', 'the prober did not answer for it');
    look.sightings[vantage] ??= {};
    const byTarget = look.sightings[vantage];
    byTarget[key] = combine(byTarget[key], seen);
  }
};

type Unseen = 'vantage-blind' | 'unreferenced' | 'secret-unavailable';

const notSeen = (id: string, code: Unseen, detail = ''): Observation => ({
  id,
  outcome: 'unknown',
  code,
  detail: printable(detail, 200),
  phases: { totalMs: 0 },
});

/**
 * A prober's answer is given up three seconds after the batch's deadline (`edge/lambda.ts`). Should it not even fail by this time on top
 * of the deadline, the other vantages decide without it.
 */
const ANSWER_SLACK_MS = 5000;

/** A vantage that could not look has seen nothing: `unknown`, never `failed`. */
const askVantage = (world: World, vantage: string, batch: Planned[]): Promise<Observation[]> => {
  const probes = batch.map((p) => p.request);
  const deadlineMs = batchDeadlineMs(probes);
  const limitMs = deadlineMs + ANSWER_SLACK_MS;
  const words = `expected an answer from ${vantage} within ${limitMs} ms, received none`;
  return within(world.clock, limitMs, () => world.probers.probe(vantage, { probes, deadlineMs }), {
    late: () => new Fault('lost', 'Lambda', 'Invoke', words),
    otherwise: (error) => {
      if (!(error instanceof Fault)) throw error;
      logFault(world, `vantage ${vantage}`, error);
      return probes.map((p) => notSeen(p.id, 'vantage-blind', error.message));
    },
  });
};

/** A vantage that saw nothing at all was blind in this round; one that was answered something, be it by a firewall, was not. */
const noteVantage = (watch: Watch, vantage: string, believed: Observation[]): void => {
  if (believed.some(({ outcome, status }) => outcome !== 'unknown' || status !== undefined)) {
    watch.blindVantages.delete(vantage);
    watch.seeingVantages.add(vantage);
    return;
  }
  const rounds = (watch.blindVantages.get(vantage)?.rounds ?? 0) + 1;
  const { code, detail: why } = believed[0] ?? { code: 'vantage-blind', detail: 'it answered nothing' };
  watch.blindVantages.set(vantage, { rounds, code, why });
  watch.seeingVantages.delete(vantage);
};
