import { passes } from './filter-policy.ts';
import { invalid, Refused } from './sns-refused.ts';
import type { SubscriptionSpec } from './specs.ts';

/** Bytes of a message with its attributes; topics may be set to take more, which ours are not (SNS API reference, Publish). */
const MESSAGE_LIMIT_BYTES = 262_144;
/** "UTF-8 text with no line breaks or control characters, and less than 100 characters" (SNS API reference, Publish). */
const SUBJECT_LIMIT_CHARACTERS = 100;
const UNPRINTABLE = /[\p{Cc}\p{Zl}\p{Zp}]/u;
/** Only characters of the basic plane are allowed in attributes (SNS developer guide, "Message attributes"). */
const BEYOND_BASIC_PLANE = /[\u{10000}-\u{10FFFF}]/u;

export type Attribute = { name: string; type: string; value: string };

/** What `Publish` was asked to publish, once it is found to be right. */
export type Published = {
  subject: string | undefined;
  /** None with the structure `json`: "Message attributes are sent only when the message structure is String, not JSON." */
  attributes: Attribute[];
  /** What a subscriber of this protocol gets. */
  textFor(protocol: string): string;
};

/** Reads the form of a `Publish`; throws `Refused` in AWS's words. */
export const readPublish = (form: URLSearchParams): Published => {
  const body = form.get('Message') ?? '';
  if (body === '') invalid('Empty message');
  const subject = form.get('Subject') ?? undefined;
  if (subject !== undefined) checkSubject(subject);
  const attributes = attributesOf(form);
  const bytes = [body, ...attributes.flatMap(({ name, type, value }) => [name, type, value])]
    .map((text) => Buffer.byteLength(text))
    .reduce((sum, size) => sum + size, 0);
  if (bytes > MESSAGE_LIMIT_BYTES) invalid('Message too long');
  if (form.get('MessageStructure') !== 'json') return { subject, attributes, textFor: () => body };
  const variants = variantsOf(body);
  return { subject, attributes: [], textFor: (protocol) => variants[protocol] ?? variants.default ?? '' };
};

const checkSubject = (subject: string): void => {
  if (subject === '' || subject.length >= SUBJECT_LIMIT_CHARACTERS || UNPRINTABLE.test(subject))
    invalid('Subject');
};

const attributesOf = (form: URLSearchParams): Attribute[] => {
  const attributes: Attribute[] = [];
  for (let number = 1; form.has(`MessageAttributes.entry.${number}.Name`); number += 1) {
    const field = (name: string) => form.get(`MessageAttributes.entry.${number}.${name}`) ?? '';
    const name = field('Name');
    const type = field('Value.DataType');
    const value = field('Value.StringValue') || field('Value.BinaryValue');
    if (value === '')
      throw new Refused(
        400,
        'ParameterValueInvalid',
        `The message attribute '${name}' must contain non-empty message attribute value for message attribute type '${type}'.`,
      );
    if (BEYOND_BASIC_PLANE.test(value)) invalid('Invalid attribute value was passed in');
    if (type === 'String.Array' && !isListOfScalars(value))
      invalid(`Message attribute '${name}' of type String.Array must be a JSON array of scalars`);
    attributes.push({ name, type, value });
  }
  return attributes;
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const isListOfScalars = (text: string): boolean => {
  const list = parsed(text);
  return Array.isArray(list) && list.every((one) => one === null || typeof one !== 'object');
};

/** What a message with the structure `json` says to each protocol. Values that are no strings are ignored. */
const variantsOf = (message: string): Record<string, string> => {
  const variants = parsed(message);
  if (typeof variants !== 'object' || variants === null)
    return invalid('Message Structure - JSON message body failed to parse');
  const texts = Object.entries(variants).filter(
    (entry): entry is [string, string] => typeof entry[1] === 'string',
  );
  const found = Object.fromEntries(texts);
  return found.default === undefined
    ? invalid('Message Structure - No default entry in JSON message body')
    : found;
};

/** Whether a subscription's filter policy lets the message through. */
export const isFor = (
  { filter, protocol }: SubscriptionSpec,
  { attributes, textFor }: Published,
): boolean => {
  if (filter === undefined) return true;
  if (filter.scope === 'MessageAttributes') {
    const given = attributes.map(({ name, type, value }) => [
      name,
      type === 'String.Array' ? parsed(value) : type === 'Number' ? Number(value) : value,
    ]);
    return passes(filter.policy, Object.fromEntries(given) as Record<string, unknown>);
  }
  const body = parsed(textFor(protocol));
  return typeof body === 'object' && body !== null && !Array.isArray(body)
    ? passes(filter.policy, body as Record<string, unknown>)
    : false;
};
