import { isObject } from '../base/shape.ts';
import { reminderKey, type Topic } from './reminders.ts';

/*
 * Schema 1 had other names, and kept what people were to be told in words. Whoever deployed the repository before has
 * it in the table. It is taken over whole: a deploy loses no hold, no health and no message.
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

const isTime = (value: unknown): value is number => typeof value === 'number';

/** When each was told, with the topic before it. */
const toldOf = (topic: Topic, value: unknown): Fields =>
  isObject(value)
    ? Object.fromEntries(Object.entries(value).map(([about, atMs]) => [reminderKey(topic, about), atMs]))
    : {};

/** What schema 1 kept of reminders in as many places as there were kinds. */
const ofSite = ({ told, protected: kept, ...site }: Fields): Fields => {
  if (!isObject(told)) return { ...site, told, protected: kept };
  const { stuck, refusals, uncarried, ...rest } = told;
  const { toldMs, ...protection } = isObject(kept) ? kept : {};
  const late = isObject(uncarried) ? { [String(uncarried.sinceSeconds ?? 0)]: uncarried.atMs } : {};
  return {
    ...site,
    told: rest,
    ...(isObject(kept) && { protected: protection }),
    reminders: {
      ...toldOf('stuck', stuck),
      ...toldOf('refused', refusals),
      ...toldOf('address', late),
      ...(isTime(toldMs) && { [reminderKey('protected')]: toldMs }),
    },
  };
};

const ofDeployment = ({ unreadable, waitingToldMs, checked, ...deployment }: Fields): Fields => {
  const zones = Object.entries(isObject(unreadable) ? unreadable : {}).map(
    ([zone, known]) => [zone, isObject(known) ? known : {}] as const,
  );
  const { told, ...check } = isObject(checked) ? checked : {};
  const toldMs = zones.flatMap(([zone, known]) => (isTime(known.toldMs) ? [[zone, known.toldMs]] : []));
  return {
    ...deployment,
    unreadable: isObject(unreadable)
      ? Object.fromEntries(zones.map(([zone, { sinceMs }]) => [zone, sinceMs]))
      : unreadable,
    ...(checked !== undefined && { checked: isObject(checked) ? check : checked }),
    reminders: {
      ...toldOf('unreadable', Object.fromEntries(toldMs)),
      ...(isTime(waitingToldMs) && { [reminderKey('waiting')]: waitingToldMs }),
      ...toldOf('checkup', told),
    },
  };
};

/** Schema 2 from before reminders had a place of their own: they were kept as schema 1 kept them. */
const withReminders = (value: Fields): Fields => {
  if (Array.isArray(value.blind)) return ofDeployment(value);
  const { addressLate, ...told } = isObject(value.told) ? value.told : {};
  return ofSite(isObject(value.told) ? { ...value, told: { ...told, uncarried: addressLate } } : value);
};

/** What schema 1 stored of a site or of a deployment, as this version stores it; anything else as it is. */
export const fromSchema1 = (value: unknown): unknown => {
  if (!isObject(value)) return value;
  if (value.schema === 2 && value.reminders === undefined) return withReminders(value);
  if (value.schema !== 1) return value;
  const { owed, intent, ...rest } = value;
  const known = renamed(rest, OF_SITE);
  return {
    ...('targets' in value ? ofSite(known) : ofDeployment(known)),
    schema: 2,
    outbox: noticesFrom(owed),
    ...(intent !== undefined && { intent: intentFrom(intent) }),
  };
};
