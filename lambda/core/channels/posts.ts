import type { AlertEvent } from '../messages/event.ts';
import type { Channel } from '../site/alerts.ts';
import type { Severity } from '../state/headline.ts';
import { discordPosts } from './discord.ts';
import { eventBridgePosts } from './event-bridge.ts';
import { jiraPosts } from './jira.ts';
import { ntfyPosts } from './ntfy.ts';
import { pagerdutyPosts } from './pagerduty.ts';
import type { Post, Values } from './post.ts';
import { slackPosts } from './slack.ts';
import { teamsPosts } from './teams.ts';
import { webhookPosts } from './webhook.ts';

type Format = (event: AlertEvent, values: Values, service?: string) => Post[];

const FORMATS: Record<Channel['kind'], Format> = {
  slack: slackPosts,
  teams: teamsPosts,
  discord: discordPosts,
  pagerduty: pagerdutyPosts,
  jira: jiraPosts,
  ntfy: ntfyPosts,
  webhook: webhookPosts,
  eventBridge: eventBridgePosts,
};

/** What a channel is sent of an event, in order; nothing where it is no news for it. Pure: each try sends the same. */
export const postsOf = ({ kind, service }: Channel, values: Values, event: AlertEvent): Post[] =>
  FORMATS[kind](event, values, service);

const RANK: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/** Channels that keep alerts: whoever opened one there must hear of its end. */
const keepsAlerts = ({ kind }: Channel): boolean => kind === 'pagerduty' || kind === 'jira';

/**
 * Whether a channel is to be told. An end is as welcome as the beginning was, so it is told to who waits for bad news, too; where alerts are
 * kept, so is any event that ends some, or tells that a person has taken some on.
 */
export const isWanted = (channel: Channel, event: AlertEvent): boolean => {
  if (!isMeant(channel, event)) return false;
  // What is told once for each set of tags has the same words each time. Where alerts are kept, each has a key of its own.
  return !SHOWS_WORDS.includes(channel.kind) || !(event.before ?? []).some((one) => isMeant(channel, one));
};

/** Channels in which people read the words. */
const SHOWS_WORDS: readonly Channel['kind'][] = ['slack', 'teams', 'discord', 'ntfy'];

type Told = Pick<AlertEvent, 'severity' | 'tags' | 'state' | 'ends' | 'acknowledges'>;

const isMeant = (channel: Channel, { severity, tags, state, ends, acknowledges = [] }: Told): boolean => {
  const { tags: wanted, from } = channel.wanted;
  if (wanted !== undefined && !tags.some((tag) => wanted.includes(tag))) return false;
  const isEnd = state === 'resolve' || (keepsAlerts(channel) && ends.length + acknowledges.length > 0);
  return isEnd || RANK[severity] <= RANK[from ?? 'info'];
};
