import { randomUUID } from 'node:crypto';
import { BadRequest, type Content, recordContent, toDocument } from './route53-xml.ts';
import type { Call, Reply } from './service.ts';
import { type ListStart, listRecords, type Zone, type ZoneChangeInfo } from './zone.ts';
import { shownName } from './zone-rules.ts';

/** Largest page of ListResourceRecordSets, and its default (facts 1.5). */
const PAGE_MAX = 300;

const RESPONSE_HEADERS = { 'content-type': 'text/xml' };

/** A successful answer: the document's root element and its content. */
export const ok = (name: string, content: Content): Reply => ({
  status: 200,
  headers: { ...RESPONSE_HEADERS, 'x-amzn-requestid': randomUUID() },
  body: toDocument(name, content),
});

/** An error in the one wrapper that Route 53 uses today, InvalidChangeBatch included. */
export const errorReply = (status: number, code: string, message: string): Reply => {
  const requestId = randomUUID();
  const content = {
    Error: { Type: status < 500 ? 'Sender' : 'Receiver', Code: code, Message: message },
    RequestId: requestId,
  };
  return {
    status,
    headers: { ...RESPONSE_HEADERS, 'x-amzn-requestid': requestId },
    body: toDocument('ErrorResponse', content),
  };
};

export const noSuchZone = (id: string): Reply =>
  errorReply(404, 'NoSuchHostedZone', `No hosted zone found with ID: ${id}`);

/** A zone of another account, in the words that people have reported of Route 53; its documentation has none. */
export const notOwn = ({ principal }: Call): Reply =>
  errorReply(403, 'AccessDenied', `User: ${principal} is not authorized to access this resource`);

export const changeContent = (change: ZoneChangeInfo, status: 'PENDING' | 'INSYNC'): Content => ({
  ChangeInfo: {
    Id: `/change/${change.id}`,
    Status: status,
    SubmittedAt: new Date(change.submittedAt).toISOString(),
    Comment: change.comment === '' ? undefined : change.comment,
  },
});

/** `accelerated` is a zone's AcceleratedRecoveryStatus; here it is a word of the state directory, since nothing recovers. */
const summary = ({ id, name, entries, accelerated = 'ENABLED' }: Zone): Content => ({
  Id: `/hostedzone/${id}`,
  Name: shownName(name),
  CallerReference: id,
  Config: { PrivateZone: false },
  ResourceRecordSetCount: entries.length,
  Features: { AcceleratedRecoveryStatus: accelerated },
});

export const zoneContent = (zone: Zone): Content => ({
  HostedZone: summary(zone),
  DelegationSet: { NameServers: { NameServer: [...zone.nameServers] } },
});

/** The zones from the name asked for on, by their names read from the last label; all on one page. */
export const zonesContent = (zones: Zone[], query: URLSearchParams): Content => {
  const key = (name: string) => name.split('.').reverse().join('.');
  const from = key((query.get('dnsname') ?? '').toLowerCase().replace(/\.$/, ''));
  const listed = zones
    .filter(({ name }) => key(name) >= from)
    .sort((a, b) => (key(a.name) < key(b.name) ? -1 : 1));
  return { HostedZones: { HostedZone: listed.map(summary) }, IsTruncated: false, MaxItems: 100 };
};

/** Where a listing starts and how long its page is, as the query asks. Throws `BadRequest`. */
const pageOf = (query: URLSearchParams): { start?: ListStart; maxItems: number } => {
  const [name, type, identifier] = ['name', 'type', 'identifier'].map((key) => query.get(key) ?? undefined);
  const max = query.get('maxitems') ?? String(PAGE_MAX);
  if (!/^[1-9]\d{0,8}$/.test(max))
    throw new BadRequest('InvalidInput', `The value of maxitems is not valid: ${max}`);
  if ((type !== undefined && name === undefined) || (identifier !== undefined && type === undefined)) {
    throw new BadRequest(
      'InvalidInput',
      'Invalid request: type requires name, and identifier requires name and type',
    );
  }
  const maxItems = Math.min(Number(max), PAGE_MAX);
  if (name === undefined) return { maxItems };
  return { maxItems, start: { name, ...(type && { type }), ...(identifier && { identifier }) } };
};

/** The page of the listing that the query asks for. Throws `BadRequest`. */
export const listContent = (zone: Zone, query: URLSearchParams): Content => {
  const { start, maxItems } = pageOf(query);
  const { records, next } = listRecords(zone, maxItems, start);
  return {
    ResourceRecordSets: { ResourceRecordSet: records.map(recordContent) },
    IsTruncated: next !== undefined,
    NextRecordName: next && shownName(next.name),
    NextRecordType: next?.type,
    NextRecordIdentifier: next?.identifier,
    MaxItems: maxItems,
  };
};
