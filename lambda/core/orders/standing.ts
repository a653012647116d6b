import { duration } from '../base/time.ts';
import type { ServerStatus } from './site-now.ts';
import type { SiteStatus } from './status.ts';
import { shortTime, timeOfDay } from './status-document.ts';

/** To the second today, when seconds matter; else with its date. */
const momentText = (iso: string, nowMs: number): string => {
  const short = shortTime(iso, nowMs);
  return short.length === 5 ? timeOfDay(iso) : `${short} UTC`;
};

/** `since 21:10:02 UTC (4 min)`; nothing where nobody knows. */
export const sinceText = (since: string | null, nowMs: number): string =>
  since === null ? '' : `since ${momentText(since, nowMs)} (${duration(nowMs - Date.parse(since))})`;

/** What a server is to its site. Nobody is served by one that is down: DNS names it, that is all. */
export const roleText = ({ serves, armed, health }: ServerStatus): string => {
  if (serves) return health === 'down' ? 'named in DNS' : 'serves';
  return armed ? 'ARMED' : 'NOT ARMED';
};

const servesText = ({ serving, servingSince = null, servers }: SiteStatus, nowMs: number): string => {
  const since = sinceText(servingSince, nowMs);
  const isDown = servers.some(({ serves, health }) => serves && health === 'down');
  return [`${serving}`, isDown ? 'is named in DNS' : 'serves', since, isDown && 'and is down']
    .filter(Boolean)
    .join(' ');
};

/**
 * `standby serves since 21:10:04 UTC (4 min) · epoch 7 · auto`. Where the zone is edited, or could not be read, or it is about
 * the past, no epoch is known and none is said to be missing.
 */
export const standingText = (site: SiteStatus, nowMs: number): string => {
  const { serving, zone, epoch, mode } = site;
  const isUnread = zone === 'unreadable';
  const none = isUnread ? 'nobody knows what serves' : 'nothing of ours serves';
  const unknown = isUnread
    ? 'zone not read'
    : zone === 'edited'
      ? 'not as Switchover left it'
      : // The history does not tell the epoch.
        zone !== 'ours' && 'no role record';
  return [
    serving === null ? none : servesText(site, nowMs),
    epoch === null ? unknown : `epoch ${epoch}`,
    mode,
  ]
    .filter(Boolean)
    .join(' · ');
};
