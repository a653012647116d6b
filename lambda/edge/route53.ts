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
import { Fault } from '../core/base/fault.ts';
import { type Alias, type Change, normaliseName, type RecordSet } from '../core/zone/records.ts';
import type { Zones } from '../ports.ts';
import { type Bound, call, clientOptions } from './aws.ts';
import { LIMITS } from './limits.ts';
import { routeFault, SYSTEM } from './route53-faults.ts';

export type Route53Options = {
  region?: string;
  endpoint?: string;
  credentials?: Route53ClientConfig['credentials'];
  /** Milliseconds from a request that reads to the head of its answer, as in `LIMITS` by default. */
  readTimeoutMs?: number;
  /** The same for a change. */
  changeTimeoutMs?: number;
};

export type Route53Clients = { reader: Route53Client; writer: Route53Client };

/** Largest page that Route 53 gives, and the most pages read: 30,000 record sets, three times a zone's default limit. */
const PAGE_ITEMS = 300;
const PAGES_MAX = 100;
const COMMENT_MAX = 256;

/** The two SDK clients. Without options, region and credentials are those of the Lambda function. */
export const route53Client = (options: Route53Options = {}): Route53Clients => {
  const { list, change } = LIMITS;
  const { readTimeoutMs = list.answerMs, changeTimeoutMs = change.answerMs, ...config } = options;
  const writing = clientOptions({ ...change, answerMs: changeTimeoutMs });
  // A kept connection may have been closed while the function was frozen, and a change sent on it would be lost with an
  // open outcome for nothing: each change has a connection of its own.
  const fresh = { httpAgent: new HttpAgent(), httpsAgent: new HttpsAgent() };
  return {
    reader: new Route53Client({
      ...config,
      ...clientOptions({ ...list, answerMs: readTimeoutMs }),
    }),
    writer: new Route53Client({
      ...config,
      ...writing,
      requestHandler: { ...writing.requestHandler, ...fresh },
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
    beforeRead = async () => {},
    ...bound
  }: Bound & {
    /** Awaited before each request that reads, each page of a listing too. */
    beforeRead?: () => Promise<void>;
  } = {},
): Zones => {
  const ask = <Output>(
    operation: string,
    { callMs }: { callMs: number },
    send: (abortSignal: AbortSignal) => Promise<Output>,
  ): Promise<Output> => call((error) => routeFault(operation, error), { callMs, ...bound }, send);

  const page = (zoneId: string, after?: ListResourceRecordSetsCommandOutput) =>
    ask('ListResourceRecordSets', LIMITS.list, (abortSignal) =>
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
      const output = await ask(operation, LIMITS.change, (abortSignal) =>
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
      const output = await ask('GetChange', LIMITS.changeStatus, (abortSignal) =>
        reader.send(new GetChangeCommand({ Id: changeId }), { abortSignal }),
      );
      const status = output.ChangeInfo?.Status;
      if (status !== 'PENDING' && status !== 'INSYNC') throw garbage('GetChange', 'PENDING or INSYNC');
      return status;
    },
  };
};
