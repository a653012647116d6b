import { parseXml, XmlElement, XmlError, XmlText } from '@rgrove/parse-xml';
import { normaliseName } from '../lambda/core/zone/records.ts';
import { escapeXml } from '../lib/escape-xml.ts';
import type { ZoneRecord } from './zone-records.ts';
import { incomplete, NAMESPACE, shownName, type ZoneChange } from './zone-rules.ts';

/** A request that the API refuses before it looks at any zone. */
export class BadRequest extends Error {
  readonly code: 'InvalidInput' | 'MalformedInput';

  constructor(code: 'InvalidInput' | 'MalformedInput', message: string) {
    super(message);
    this.name = 'BadRequest';
    this.code = code;
  }
}

type Element = { name: string; text: string; children: Element[] };

/** Names without their prefixes, and of what stands between the elements the text. */
const toElement = ({ name, children }: XmlElement): Element => ({
  name: name.replace(/^.*:/, ''),
  text: children.map((child) => (child instanceof XmlText ? child.text : '')).join(''),
  children: children.flatMap((child) => (child instanceof XmlElement ? [toElement(child)] : [])),
});

const rootOf = (body: string): Element | undefined => {
  if (/<!DOCTYPE/i.test(body)) return undefined;
  try {
    const { root } = parseXml(body);
    return root === null ? undefined : toElement(root);
  } catch (error) {
    if (error instanceof XmlError) return undefined;
    throw error;
  }
};

const parseRequest = (body: string): Element => {
  const root = rootOf(body);
  if (root?.name !== 'ChangeResourceRecordSetsRequest') {
    throw new BadRequest(
      'MalformedInput',
      'ChangeBatch is not valid, expected ChangeResourceRecordSetsRequest',
    );
  }
  return root;
};

/** The children in the order of the schema; the API refuses unknown, repeated and misplaced elements. */
const childrenOf = (element: Element, order: readonly string[]): Record<string, Element | undefined> => {
  let place = -1;
  for (const { name } of element.children) {
    const next = order.indexOf(name);
    if (next <= place) {
      const expected = order.slice(place + 1).map((other) => `"${NAMESPACE}":${other}`);
      const message = `Invalid XML ; cvc-complex-type.2.4.a: Invalid content was found starting with element '${name}'. One of '{${expected.join(', ')}}' is expected.`;
      throw new BadRequest('InvalidInput', message);
    }
    place = next;
  }
  return Object.fromEntries(element.children.map((child) => [child.name, child]));
};

const required = (parent: Element, child: string, found: Element | undefined): Element => {
  if (found === undefined) throw new BadRequest('InvalidInput', incomplete(parent.name, child));
  return found;
};

const integer = (element: Element | undefined): number | undefined => {
  if (element === undefined) return undefined;
  if (/^\s*[+-]?\d{1,19}\s*$/.test(element.text)) return Number(element.text);
  const message = `Invalid XML ; cvc-datatype-valid.1.2.1: '${element.text}' is not a valid value for 'integer'.`;
  throw new BadRequest('InvalidInput', message);
};

/** In the order of the schema, as the SDK sends them. GeoProximityLocation is not imitated, so it is refused. */
const RECORD_CHILDREN = [
  ...[
    'Name',
    'Type',
    'SetIdentifier',
    'Weight',
    'Region',
    'GeoLocation',
    'Failover',
    'MultiValueAnswer',
    'TTL',
  ],
  ...['ResourceRecords', 'AliasTarget', 'HealthCheckId', 'TrafficPolicyInstanceId', 'CidrRoutingConfig'],
];

const leaves = (element: Element | undefined): Record<string, string> | undefined =>
  element && Object.fromEntries(element.children.map(({ name, text }) => [name, text]));

const valuesOf = (element: Element | undefined): string[] => {
  if (element === undefined) return [];
  if (element.children.length === 0)
    throw new BadRequest('InvalidInput', incomplete(element.name, 'ResourceRecord'));
  return element.children.map((record) => {
    if (record.name !== 'ResourceRecord') childrenOf(element, ['ResourceRecord']);
    return required(record, 'Value', childrenOf(record, ['Value']).Value).text;
  });
};

const aliasOf = (element: Element | undefined): ZoneRecord['alias'] => {
  if (element === undefined) return undefined;
  const { HostedZoneId, DNSName, EvaluateTargetHealth } = childrenOf(element, [
    'HostedZoneId',
    'DNSName',
    'EvaluateTargetHealth',
  ]);
  return {
    zoneId: required(element, 'HostedZoneId', HostedZoneId).text,
    name: normaliseName(required(element, 'DNSName', DNSName).text),
    evaluateTargetHealth: required(element, 'EvaluateTargetHealth', EvaluateTargetHealth).text === 'true',
  };
};

const recordOf = (element: Element): { record: ZoneRecord; givenName: string } => {
  const child = childrenOf(element, RECORD_CHILDREN);
  const givenName = required(element, 'Name', child.Name).text;
  const fields = {
    ttlSeconds: integer(child.TTL),
    setIdentifier: child.SetIdentifier?.text,
    weight: integer(child.Weight),
    region: child.Region?.text,
    geoLocation: leaves(child.GeoLocation),
    failover: child.Failover?.text,
    multiValueAnswer: child.MultiValueAnswer && child.MultiValueAnswer.text === 'true',
    cidrRoutingConfig: leaves(child.CidrRoutingConfig),
    alias: aliasOf(child.AliasTarget),
    healthCheckId: child.HealthCheckId?.text,
    trafficPolicyInstanceId: child.TrafficPolicyInstanceId?.text,
  };
  const given = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const type = required(element, 'Type', child.Type).text;
  return {
    givenName,
    record: { name: normaliseName(givenName), type, values: valuesOf(child.ResourceRecords), ...given },
  };
};

/** The change batch in the body of ChangeResourceRecordSets. Throws `BadRequest`. */
export const parseChangeBatch = (body: string): { changes: ZoneChange[]; comment: string } => {
  const root = parseRequest(body);
  const batch = required(root, 'ChangeBatch', childrenOf(root, ['ChangeBatch']).ChangeBatch);
  // The comment may stand before or after the changes: the documentation shows both.
  const commentFirst = batch.children[0]?.name === 'Comment';
  const parts = childrenOf(batch, commentFirst ? ['Comment', 'Changes'] : ['Changes', 'Comment']);
  const changes = required(batch, 'Changes', parts.Changes).children.map((change): ZoneChange => {
    const { Action, ResourceRecordSet } = childrenOf(change, ['Action', 'ResourceRecordSet']);
    return {
      action: required(change, 'Action', Action).text,
      ...recordOf(required(change, 'ResourceRecordSet', ResourceRecordSet)),
    };
  });
  return { changes, comment: parts.Comment?.text ?? '' };
};

/** Content of an element: text, or children by name in their order; undefined children are left out. */
export type Content = string | number | boolean | { [name: string]: Content | Content[] | undefined };

/** An XML element; an array as a child repeats that child. */
const toXml = (name: string, content: Content): string => {
  if (typeof content !== 'object') return `<${name}>${escapeXml(String(content))}</${name}>`;
  const children = Object.entries(content).flatMap(([child, value]) =>
    value === undefined
      ? []
      : Array.isArray(value)
        ? value.map((item) => toXml(child, item))
        : [toXml(child, value)],
  );
  return `<${name}>${children.join('')}</${name}>`;
};

/** A whole document with the API's namespace. */
export const toDocument = (name: string, content: Content): string =>
  `<?xml version="1.0"?>\n${toXml(name, content).replace(`<${name}>`, `<${name} xmlns="${NAMESPACE}">`)}`;

/** A record set as listings show it. */
export const recordContent = (record: ZoneRecord): Content => ({
  Name: shownName(record.name),
  Type: record.type,
  SetIdentifier: record.setIdentifier,
  Weight: record.weight,
  Region: record.region,
  GeoLocation: record.geoLocation,
  Failover: record.failover,
  MultiValueAnswer: record.multiValueAnswer,
  TTL: record.ttlSeconds,
  ResourceRecords:
    record.values.length === 0
      ? undefined
      : { ResourceRecord: record.values.map((value) => ({ Value: value })) },
  AliasTarget: record.alias && {
    HostedZoneId: record.alias.zoneId,
    DNSName: shownName(record.alias.name),
    EvaluateTargetHealth: record.alias.evaluateTargetHealth,
  },
  HealthCheckId: record.healthCheckId,
  TrafficPolicyInstanceId: record.trafficPolicyInstanceId,
  CidrRoutingConfig: record.cidrRoutingConfig,
});
