import { normaliseName, type RecordSet } from '../lambda/core/zone/records.ts';
import { type Buckets, changeTokens, payFor } from './route53-limits.ts';
import { demandsOf, OPERATIONS, routeOf } from './route53-operations.ts';
import {
  changeContent,
  errorReply,
  listContent,
  noSuchZone,
  notOwn,
  ok,
  zoneContent,
  zonesContent,
} from './route53-replies.ts';
import { BadRequest, parseChangeBatch } from './route53-xml.ts';
import type { Call, Reply, Service } from './service.ts';
import {
  changeZone,
  createZone,
  findChange,
  loadZone,
  publish,
  releaseChanges,
  type SavedZone,
  saveZone,
  type Zone,
} from './zone.ts';
import { type Answer, answer, zoneOf } from './zone-answer.ts';
import { protectionMessages } from './zone-protections.ts';
import { recordsAt, toRecordSet } from './zone-records.ts';

export type Route53Options = {
  /** What `save` was given last time; zones, records and change ids come back from it. */
  saved?: string;
  /** Called with the whole state before a change is acknowledged; if it throws, the change has not happened. */
  save?: (json: string) => void;
  /** Milliseconds since 1970; the machine's clock by default. */
  now?: () => number;
  /** Milliseconds from acceptance to INSYNC, 1000 by default. */
  insyncAfterMs?: number;
  /** Milliseconds for which a zone answers PriorRequestNotComplete after a change; 0 by default. */
  busyMs?: number;
  /** Throttles as the real account limits do. Off by default. */
  throttled?: boolean;
  /** The account that has a zone, by its id. Without it all are the caller's own. */
  ownerOf?: (zoneId: string) => string | undefined;
};

export type ZoneSummary = { id: string; name: string; nameServers: readonly string[] };

/** The service, and what the local cloud asks of it directly. */
export type Route53 = Service & {
  /** Makes the zone, or returns the one with this id (without an id: of this name) that is there already. */
  createZone(name: string, id?: string): ZoneSummary;
  zones(): ZoneSummary[];
  /** What Route 53 lists for the zone now, or for one name in it, PENDING changes included. */
  records(zoneId: string, name?: string): RecordSet[];
  /** What the name servers answer now; undefined outside every zone. */
  answer(name: string, type: string): Answer | undefined;
  /** Lets the changes go that the fault `pending` holds. */
  release(): void;
};

const STATE_VERSION = 1;

const loadZones = (saved: string | undefined): Zone[] => {
  if (saved === undefined) return [];
  const state = JSON.parse(saved) as { version: number; zones: SavedZone[] };
  if (state.version !== STATE_VERSION || !Array.isArray(state.zones)) {
    throw new Error(
      `Expected the saved zones to be of version ${STATE_VERSION}, received version ${state.version}; start with an empty state directory.`,
    );
  }
  return state.zones.map(loadZone);
};

/** What is said of a batch all of whose records are protected. */
const protectedText = ({ changes }: ReturnType<typeof parseChangeBatch>): string => {
  const comments = new Map(changes.map(({ record }) => [record.name, 'protected by a fault']));
  return `[${protectionMessages(comments, changes).join(', ')}]`;
};

/** Route 53 for the local endpoint: five calls of its REST-XML protocol over the pure model of `zone.ts`. */
export const route53Service = (options: Route53Options = {}): Route53 => {
  const { save = () => {}, now = Date.now, insyncAfterMs = 1000, busyMs = 0, throttled = false } = options;
  const { ownerOf = () => undefined } = options;
  const zones = new Map(loadZones(options.saved).map((zone) => [zone.id, zone]));
  /** By account. */
  const buckets = new Map<string | undefined, Buckets>();
  /** A batch is read for IAM and again when it is applied; both times from the same body. */
  const batches = new WeakMap<Buffer, ReturnType<typeof parseChangeBatch>>();

  const batchOf = ({ body }: Call) => {
    const batch = batches.get(body) ?? parseChangeBatch(body.toString('utf8'));
    batches.set(body, batch);
    return batch;
  };

  /** Saves first: what cannot be saved has not happened. */
  const keep = (zone: Zone): void => {
    const all = new Map(zones).set(zone.id, zone);
    save(JSON.stringify({ version: STATE_VERSION, zones: [...all.values()].map(saveZone) }));
    zones.set(zone.id, zone);
  };

  const publishAll = (): void => {
    for (const zone of zones.values()) zones.set(zone.id, publish(zone, now()));
  };

  const change = (zone: Zone, call: Call): Reply => {
    if (call.fault === 'protected')
      return errorReply(400, 'InvalidChangeBatch', protectedText(batchOf(call)));
    const held = call.fault === 'pending';
    const result = changeZone(zone, batchOf(call), { now: now(), insyncAfterMs, busyMs, held });
    if ('refusal' in result) {
      const { code, messages } = result.refusal;
      return errorReply(
        400,
        code,
        code === 'InvalidChangeBatch' ? `[${messages.join(', ')}]` : messages.join(', '),
      );
    }
    keep(result.zone);
    return ok('ChangeResourceRecordSetsResponse', changeContent(result.change, 'PENDING'));
  };

  /** The operator of this machine has every account on it. */
  const isOwn = ({ id }: Zone, { caller, account }: Call): boolean =>
    caller === 'operator' || (ownerOf(id) ?? account) === account;

  const getChange = (id: string, call: Call): Reply => {
    const found = [...zones.values()]
      .filter((zone) => isOwn(zone, call))
      .map((zone) => findChange(zone, id))
      .find((known) => known !== undefined);
    if (found === undefined) return errorReply(404, 'NoSuchChange', `Could not find resource with ID: ${id}`);
    return ok('GetChangeResponse', changeContent(found, call.fault === 'pending' ? 'PENDING' : found.status));
  };

  const perform = (call: Call): Reply => {
    const route = routeOf(call);
    if (route === undefined)
      return errorReply(404, 'UnknownOperationException', `${call.method} ${call.path}`);
    const { operation, id } = route;
    if (throttled) {
      const changing = operation === 'ChangeResourceRecordSets';
      const tokens = changing ? changeTokens(batchOf(call).changes.map(({ action }) => action)) : 0;
      const paid = payFor(buckets.get(call.account) ?? {}, now(), operation, tokens);
      if (paid === undefined) return errorReply(400, 'Throttling', 'Rate exceeded');
      buckets.set(call.account, paid);
    }
    publishAll();
    if (operation === 'GetChange') return getChange(id, call);
    if (operation === 'ListHostedZonesByName')
      return ok(
        'ListHostedZonesByNameResponse',
        zonesContent(
          [...zones.values()].filter((zone) => isOwn(zone, call)),
          call.query,
        ),
      );
    const zone = zones.get(id);
    if (zone === undefined) return noSuchZone(id);
    if (!isOwn(zone, call)) return notOwn(call);
    if (operation === 'ChangeResourceRecordSets') return change(zone, call);
    if (operation === 'GetHostedZone') return ok('GetHostedZoneResponse', zoneContent(zone));
    return ok('ListResourceRecordSetsResponse', listContent(zone, call.query));
  };

  return {
    name: 'route53',
    operations: OPERATIONS,
    operation: (call) => routeOf(call)?.operation,
    demands: (call) => demandsOf(call, () => batchOf(call)),
    async handle(call) {
      try {
        return perform(call);
      } catch (error) {
        if (error instanceof BadRequest) return errorReply(400, error.code, error.message);
        throw error;
      }
    },
    error: errorReply,
    createZone(name, id) {
      const apex = normaliseName(name);
      const known = id === undefined ? [...zones.values()].find((zone) => zone.name === apex) : zones.get(id);
      const zone = known ?? createZone(apex, id);
      if (zone.name !== apex) {
        throw new Error(
          `Expected hosted zone ${zone.id} to be ${apex}, but the saved one is ${zone.name}; use another state directory.`,
        );
      }
      if (known === undefined) keep(zone);
      return { id: zone.id, name: zone.name, nameServers: zone.nameServers };
    },
    zones: () => [...zones.values()].map(({ id, name, nameServers }) => ({ id, name, nameServers })),
    records(zoneId, name) {
      const entries = zones.get(zoneId)?.entries ?? [];
      const listed = name === undefined ? entries.map(({ record }) => record) : recordsAt(entries, name);
      return listed.map(toRecordSet);
    },
    answer(name, type) {
      publishAll();
      const asked = normaliseName(name);
      const zone = zoneOf(zones.values(), asked);
      return zone && answer(zone, asked, type);
    },
    release() {
      for (const zone of zones.values()) zones.set(zone.id, releaseChanges(zone, now()));
    },
  };
};
