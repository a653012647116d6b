/** What goes on is told again after this time, milliseconds. */
const TELL_AGAIN_MS = 3_600_000;

/** Whether something is to be told that was told last at `toldMs`; undefined when it never was. */
export const isReminderDue = (toldMs: number | undefined, nowMs: number, everyMs = TELL_AGAIN_MS): boolean =>
  toldMs === undefined || nowMs - toldMs >= everyMs;

/**
 * When what goes on was last told, milliseconds, by topic and what it is about:
 *
 *     stuck REASON         a site stays where it is while its serving server is not up
 *     stuck REASON alone   the same, and no other server is up either
 *     stuck flapping back  a move back waits because the site moved too often; visitors are served meanwhile
 *     refused WHY          writes are not taken, see `steps/refused.ts`
 *     address SECONDS      the address is not where the role record of that `since` says
 *     protected            a record protection forbids our changes
 *     unreadable ZONE      a zone cannot be listed
 *     waiting              sites wait for others to move first
 *     checkup FINDING      the daily check has found it
 */
export type Reminders = Readonly<Record<string, number>>;

export type Topic = 'stuck' | 'refused' | 'address' | 'protected' | 'unreadable' | 'waiting' | 'checkup';

export const reminderKey = (topic: Topic, about = ''): string => (about === '' ? topic : `${topic} ${about}`);

/** When each thing of a topic was last told, by what it is about. */
export const remindersOf = (reminders: Reminders, topic: Topic): Record<string, number> =>
  Object.fromEntries(
    Object.entries(reminders)
      .filter(([key]) => isOf(key, topic))
      .map(([key, atMs]) => [key.slice(topic.length + 1), atMs]),
  );

/** The reminders with these of a topic in place of all that were of it. */
export const withReminders = (
  reminders: Reminders,
  topic: Topic,
  told: Readonly<Record<string, number>>,
): Reminders => ({
  ...Object.fromEntries(Object.entries(reminders).filter(([key]) => !isOf(key, topic))),
  ...Object.fromEntries(Object.entries(told).map(([about, atMs]) => [reminderKey(topic, about), atMs])),
});

const isOf = (key: string, topic: Topic): boolean => key === topic || key.startsWith(`${topic} `);
