import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import {
  type AliasTarget,
  ChangeResourceRecordSetsCommand,
  GetChangeCommand,
  ListResourceRecordSetsCommand,
  type ListResourceRecordSetsCommandOutput,
  type ResourceRecordSet,
  Route53Client,
  type Route53ClientConfig,
} from '@aws-sdk/client-route-53';
import { Fault } from '../core/fault.ts';
import { type Alias, type Change, normaliseName, type RecordSet } from '../core/records.ts';
import { type Clock, systemClock } from './clock.ts';
import { routeFault, SYSTEM } from './route53-faults.ts';

/** The hosted zones. Everything that fails is a `Fault`; after `lost` a change may or may not have been applied. */
export type Zones = {
  /** The whole zone as Route 53 lists it, changes included that DNS does not answer with yet. */
  list(zoneId: string): Promise<RecordSet[]>;
  /** Sends the changes as one atomic batch, once. The comment is cut at 256 characters. */
  change(zoneId: string, changes: Change[], comment: string): Promise<{ changeId: string }>;
  /** Whether all name servers of the zone have the change. */
  changeStatus(changeId: string): Promise<'PENDING' | 'INSYNC'>;
};

export type Route53Options = {
  region?: string;
  endpoint?: string;
  credentials?: Route53ClientConfig['credentials'];
  /** Milliseconds until the TCP connection must stand, 2,000 by default. */
  connectTimeoutMs?: number;
  /** Milliseconds from the request to the head of its answer, 3,000 by default. */
  readTimeoutMs?: number;
  /** The same for a change, 10,000 by default: giving up on one early only leaves its outcome open. */
  changeTimeoutMs?: number;
};

export type Route53Clients = { reader: Route53Client; writer: Route53Client };

/** Attempts of a read; the SDK waits between them, longer when throttled (facts 1.8: 2.3 s in all). */
const READ_ATTEMPTS = 3;
/** A change is sent exactly once: whether to send it again is decided after the zone has been read back. */
const CHANGE_ATTEMPTS = 1;
/** Largest page that Route 53 gives, and the most pages read: 30,000 record sets, three times a zone's default limit. */
const PAGE_ITEMS = 300;
const PAGES_MAX = 100;
const COMMENT_MAX = 256;

/** The two SDK clients. Without options, region and credentials are those of the Lambda function. */
export const route53Client = (options: Route53Options = {}): Route53Clients => {
  const { connectTimeoutMs = 2000, readTimeoutMs = 3000, changeTimeoutMs = 10_000, ...config } = options;
  const timeouts = (requestTimeout: number) => ({
    connectionTimeout: connectTimeoutMs,
    requestTimeout,
    socketTimeout: requestTimeout,
    // Without this the SDK only prints a warning when the time is over.
    throwOnRequestTimeout: true,
  });
  // A kept connection may have been closed while the function was frozen, and a change sent on it would be lost with an
  // open outcome for nothing: each change has a connection of its own.
  const fresh = { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent() };
  return {
    reader: new Route53Client({
      ...config,
      maxAttempts: READ_ATTEMPTS,
      requestHandler: timeouts(readTimeoutMs),
    }),
    writer: new Route53Client({
      ...config,
      maxAttempts: CHANGE_ATTEMPTS,
      requestHandler: { ...timeouts(changeTimeoutMs), ...fresh },
    }),
  };
};

const toAlias = (target: AliasTarget): Alias => ({
  name: normaliseName(target.DNSName ?? ''),
  zoneId: (target.HostedZoneId ?? '').replace(/^\/hostedzone\//, ''),
  evaluateTargetHealth: target.EvaluateTargetHealth ?? false,
});

/** A record set of the SDK in our terms. Anything that is neither a plain set of values nor a plain alias gets its `routing` named. */
const toRecordSet = (set: ResourceRecordSet): RecordSet => {
  const routing = routingOf(set);
  return {
    name: normaliseName(set.Name ?? ''),
    type: set.Type ?? '',
    ...(set.TTL === undefined ? {} : { ttlSeconds: set.TTL }),
    values: (set.ResourceRecords ?? []).map(({ Value }) => Value ?? ''),
    ...(set.AliasTarget === undefined ? {} : { alias: toAlias(set.AliasTarget) }),
    ...(routing === undefined ? {} : { routing }),
  };
};

const routingOf = (set: ResourceRecordSet): string | undefined => {
  if (set.Weight !== undefined) return 'weighted';
  if (set.Region !== undefined) return 'latency';
  if (set.GeoLocation !== undefined) return 'geolocation';
  if (set.Failover !== undefined) return 'failover';
  if (set.MultiValueAnswer !== undefined) return 'multivalue';
  if (set.CidrRoutingConfig !== undefined) return 'cidr';
  if (set.GeoProximityLocation !== undefined) return 'geoproximity';
  if (set.TrafficPolicyInstanceId !== undefined) return 'traffic-policy';
  if (set.HealthCheckId !== undefined) return 'health-check';
  // A set identifier without any policy that we know: one that came after this was written.
  return set.SetIdentifier === undefined ? undefined : 'unknown';
};

const toSdkAlias = ({ name, zoneId, evaluateTargetHealth }: Alias): AliasTarget => ({
  HostedZoneId: zoneId,
  DNSName: `${name}.`,
  EvaluateTargetHealth: evaluateTargetHealth,
});

const toSdkChange = ({ action, record }: Change) => ({
  Action: action,
  ResourceRecordSet: {
    Name: `${record.name}.`,
    Type: record.type as ResourceRecordSet['Type'],
    ...(record.alias === undefined
      ? { TTL: record.ttlSeconds, ResourceRecords: record.values.map((Value) => ({ Value })) }
      : { AliasTarget: toSdkAlias(record.alias) }),
  },
});

/** An answer that is well-formed and yet cannot be true, such as an empty one from something between us and AWS. */
const garbage = (operation: string, what: string): Fault =>
  new Fault('lost', SYSTEM, operation, `expected ${what}, received an answer without it`);

export const route53Zones = (
  { reader, writer }: Route53Clients,
  {
    clock = systemClock,
    deadlineMs = 15_000,
    beforeRead = async () => {},
  }: {
    clock?: Clock;
    /** Milliseconds for one call in all, retries and the body of the answer included. */
    deadlineMs?: number;
    /** Awaited before each request that reads, each page of a listing too. */
    beforeRead?: () => Promise<void>;
  } = {},
): Zones => {
  const call = async <Output>(
    operation: string,
    send: (signal: AbortSignal) => Promise<Output>,
  ): Promise<Output> => {
    const [late, done] = [new AbortController(), new AbortController()];
    void clock.sleep(deadlineMs, done.signal).then(() => late.abort());
    try {
      return await send(late.signal);
    } catch (error) {
      throw routeFault(operation, error);
    } finally {
      done.abort();
    }
  };

  const page = (zoneId: string, after?: ListResourceRecordSetsCommandOutput) =>
    call('ListResourceRecordSets', (abortSignal) =>
      reader.send(
        new ListResourceRecordSetsCommand({
          HostedZoneId: zoneId,
          MaxItems: PAGE_ITEMS,
          StartRecordName: after?.NextRecordName,
          StartRecordType: after?.NextRecordType,
          StartRecordIdentifier: after?.NextRecordIdentifier,
        }),
        { abortSignal },
      ),
    );

  return {
    async list(zoneId) {
      const records: RecordSet[] = [];
      let after: ListResourceRecordSetsCommandOutput | undefined;
      for (let count = 0; count < PAGES_MAX; count += 1) {
        await beforeRead();
        const output = await page(zoneId, after);
        if (output.ResourceRecordSets === undefined || output.IsTruncated === undefined) {
          throw garbage('ListResourceRecordSets', 'record sets');
        }
        records.push(...output.ResourceRecordSets.map(toRecordSet));
        if (!output.IsTruncated) {
          // Every zone has an SOA record, so a listing without one is not the zone: nothing may be concluded from it.
          if (!records.some(({ type }) => type === 'SOA'))
            throw garbage('ListResourceRecordSets', 'an SOA record');
          return records;
        }
        if (output.NextRecordName === undefined) throw garbage('ListResourceRecordSets', 'NextRecordName');
        after = output;
      }
      throw new Fault(
        'lost',
        SYSTEM,
        'ListResourceRecordSets',
        `expected at most ${PAGES_MAX} pages, received more`,
      );
    },

    async change(zoneId, changes, comment) {
      const operation = 'ChangeResourceRecordSets';
      const foreign = changes.find(({ record }) => record.routing !== undefined)?.record;
      if (foreign !== undefined) {
        const { name, type, routing } = foreign;
        throw new Fault(
          'refused',
          SYSTEM,
          operation,
          `expected simple record sets, received ${routing} ${type} ${name}`,
        );
      }
      const batch = { Changes: changes.map(toSdkChange), Comment: comment.slice(0, COMMENT_MAX) };
      const output = await call(operation, (abortSignal) =>
        writer.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: batch }), {
          abortSignal,
        }),
      );
      const id = output.ChangeInfo?.Id;
      if (id === undefined) throw garbage(operation, 'a change id');
      return { changeId: id.replace(/^\/change\//, '') };
    },

    async changeStatus(changeId) {
      await beforeRead();
      const output = await call('GetChange', (abortSignal) =>
        reader.send(new GetChangeCommand({ Id: changeId }), { abortSignal }),
      );
      const status = output.ChangeInfo?.Status;
      if (status !== 'PENDING' && status !== 'INSYNC') throw garbage('GetChange', 'PENDING or INSYNC');
      return status;
    },
  };
};
