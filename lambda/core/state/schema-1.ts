import { isObject } from '../base/shape.ts';

/*
 * Schema 1 had other names, and kept what people were to be told in words. Whoever deployed the repository before has it in the table.
 * It is taken over whole: a deploy loses no hold, no health and no message.
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

/** What schema 1 stored of a site or of a deployment, as this version stores it; anything else as it is. */
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
