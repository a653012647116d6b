import { isAway } from '../book/table.ts';
import type { Watch, Watched } from '../book/watch.ts';
import { type Announcement, announcementOf, announcementOfAll } from '../core/messages/announcement.ts';
import { type OneOfMany, together } from '../core/messages/together.ts';
import type { SiteNews } from '../core/state/news.ts';
import type { Notice } from '../core/state/notice.ts';
import { isReminderDue } from '../core/state/reminders.ts';
import { mayBeOthers } from '../core/zone/zone-view.ts';
import type { World } from '../ports.ts';
import { mayPublish, mayPublishOfAll } from './claim.ts';
import { directNews } from './direct.ts';
import { beforeIt, gathered, isTrouble, latestOf, type Pending, withoutVisible } from './gather.ts';

/**
 * One message to publish, the announcements that it tells, and whose they are. `remember`: under which name the process remembers it.
 * `group`: the incident of the mass failure that it tells of.
 */
export type Message = {
  announcement: Announcement;
  tells: string[];
  of: string[];
  remember?: string;
  group?: string | undefined;
};

export const pauseOf = (name: string): string => `pause ${name}`;
export const retryOf = (name: string): string => `retry ${name}`;

const mayTell = ({ memory, clock }: World, { telling }: Watch, name: string): boolean =>
  !telling.has(name) && (memory.get(retryOf(name)) ?? 0) <= clock.now();

/** What this controller may tell now of each site, oldest first. */
const pendingNow = (world: World, watch: Watch): Pending[] =>
  watch.sites.flatMap((watched) => {
    const { site, state } = watched;
    if (state.outbox.length === 0 || !mayTell(world, watch, site.name)) return [];
    const isCut = isAway(watch, watched);
    const outbox = isCut ? state.outbox.filter((one) => isCertain(watched, one)) : state.outbox;
    const notices = outbox.filter(({ id }) => !watch.told.has(id));
    return notices.length === 0 ? [] : [{ watched, notices }];
  });

/** Those of its notices that it is stored that this controller tells. With the store away nothing is saved, nor claimed. */
const mineOf = (world: World, watch: Watch, { watched, notices }: Pending): Notice<SiteNews>[] =>
  isAway(watch, watched) ? notices : notices.filter(({ id }) => mayPublish(world, watch, watched, id));

/** The oldest of one site. */
const messageApart = (world: World, watch: Watch, pending: Pending): Message[] => {
  const [next] = pending.notices;
  const [mine] = mineOf(world, watch, { ...pending, notices: next === undefined ? [] : [next] });
  return mine === undefined ? [] : [apart(announcementOf(pending.watched.site, world.config, mine))];
};

/** All that there is to tell of these sites, in one message, once all of it is claimed. */
const messageTogether = (world: World, watch: Watch, some: readonly Pending[]): Message[] => {
  const claimed = some.map(({ watched, notices }) => {
    const wanted = withoutVisible(notices);
    const mine = mineOf(world, watch, { watched, notices: wanted });
    return { site: watched.site, mine, isWhole: mine.length === wanted.length };
  });
  const all = claimed.flatMap(({ site, mine }): OneOfMany[] => {
    const notice = latestOf(mine);
    return notice === undefined ? [] : [{ site, notice, before: beforeIt(mine, notice) }];
  });
  const [first, ...others] = all;
  if (first === undefined || claimed.some(({ isWhole }) => !isWhole)) return [];
  const incident = some
    .map(({ watched }) => watched.state.incident?.group)
    .find((group) => group !== undefined);
  const waiting = watch.sites.filter(({ assessment }) => assessment?.decision.waits).length;
  const announcement = together([first, ...others], world.config, { incident, waiting });
  return [
    {
      announcement,
      tells: claimed.flatMap(({ mine }) => mine.map(({ id }) => id)),
      of: some.map(({ watched }) => watched.site.name),
      // Whoever hears of trouble hears of its end.
      ...(claimed.some(({ mine }) => mine.some(isTrouble)) && { group: announcement.incident }),
    },
  ];
};

/** What is published now: of sites, of the deployment, and what no outbox can hold. */
export const messagesFor = (world: World, watch: Watch): Message[] => {
  const { apart: alone, together: many } = gathered(watch, pendingNow(world, watch), world.clock.now());
  const messages = [
    ...alone.flatMap((one) => messageApart(world, watch, one)),
    ...many.flatMap((some) => messageTogether(world, watch, some)),
  ];
  const ofAll = watch.deployment.state.outbox.find(({ id }) => !watch.told.has(id));
  if (ofAll !== undefined && mayTell(world, watch, ofAll.site) && mayPublishOfAll(world, watch, ofAll.id))
    messages.push(apart(announcementOfAll(world.config, ofAll)));
  return messages.sort((a, b) => a.announcement.atMs - b.announcement.atMs);
};

/**
 * While the table is away, three kinds wait. `state-lost`: an empty read may be the outage itself. `edited-by-hand`: a newer role record
 * may be another controller's. `found`: whoever made the move without the table has told it, and cannot have noted that.
 */
const isCertain = ({ view, state }: Watched, { kind }: Notice): boolean =>
  kind !== 'state-lost' &&
  kind !== 'found' &&
  !(kind === 'edited-by-hand' && mayBeOthers(view, state.written));

const apart = (announcement: Announcement): Message => ({
  announcement,
  tells: [announcement.id],
  of: [announcement.site],
});

/** What no outbox can hold: told at most hourly by this process, as far as it remembers. */
export const unstorable = (world: World, watch: Watch): Message[] => {
  const { config, clock, memory } = world;
  const nowMs = clock.now();
  return directNews(config, watch, nowMs)
    .filter(([name]) => isReminderDue(memory.get(name), nowMs) && mayTell(world, watch, name))
    .map(([remember, one]) => ({ ...apart({ ...one, unstored: true }), of: [remember], remember }));
};
