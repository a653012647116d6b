import { isObject } from '../base/shape.ts';

/*
 * Version 0.1 stored other names, and what people were to be told in words. What it left is taken over whole: a deploy of this version
 * loses no hold, no health and no message. This file can go when nobody deploys over 0.1 any more.
 */

type Fields = Record<string, unknown>;

/** Under which name each field is stored by now. */
const OF_SITE: Record<string, string> = {
  owed: 'outbox',
  journal: 'history',
  hand: 'override',
  proof: 'propagation',
  stranded: 'rolledBack',
  carried: 'answeredAs',
};
const OF_TOLD: Record<string, string> = { uncarried: 'addressLate' };

const renamed = (value: Fields, names: Record<string, string>): Fields =>
  Object.fromEntries(Object.entries(value).map(([key, field]) => [names[key] ?? key, field]));

/** An announcement as a notice that has its words already. */
const noticeFrom = (value: unknown): unknown => {
  if (!isObject(value)) return value;
  const { subject, text, ...known } = value;
  return { ...known, news: { type: 'worded', subject, text } };
};

const noticesFrom = (value: unknown): unknown => (Array.isArray(value) ? value.map(noticeFrom) : value);

const intentFrom = (value: unknown): unknown => {
  if (!isObject(value)) return value;
  const { announcement, ...known } = value;
  return { ...known, notice: noticeFrom(announcement) };
};

/** What version 0.1 stored of a site or of a deployment, as this version stores it; anything else as it is. */
export const fromSchema1 = (value: unknown): unknown => {
  if (!isObject(value) || value.schema !== 1) return value;
  const { owed, intent, told, ...rest } = value;
  return {
    ...renamed(rest, OF_SITE),
    schema: 2,
    outbox: noticesFrom(owed),
    ...(intent !== undefined && { intent: intentFrom(intent) }),
    ...(told !== undefined && { told: isObject(told) ? renamed(told, OF_TOLD) : told }),
  };
};
