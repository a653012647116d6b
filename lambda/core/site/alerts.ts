/** What somebody wants to be told; everything without fields. */
export type Wanted = {
  /** Messages about sites with one of these tags. */
  tags?: string[];
  /** Messages at least as bad as that. */
  from?: 'critical' | 'warning';
};

/** The services that messages are posted to, and webhooks and event buses of one's own. */
export const CHANNEL_KINDS = [
  'slack',
  'teams',
  'discord',
  'pagerduty',
  'jira',
  'ntfy',
  'webhook',
  'eventBridge',
] as const;

export type ChannelKind = (typeof CHANNEL_KINDS)[number];

/** One place that messages are posted to. What lets one post there is in the parameter store; here are the names of it alone. */
export type Channel = {
  kind: ChannelKind;
  /** Where it is configured, which tells it from the others: `alerts[1].slack`. */
  name: string;
  wanted: Wanted;
  /** Where the service is, if it is one address for all of its customers; of EventBridge the ARN of a bus other than the account's own. */
  service?: string;
  /** Names of SSM parameters, by what they hold: the URL to post to, a key that is sent or signed with, a token. */
  secrets: { url?: string; key?: string; token?: string };
};

/** Who is told, and of what. */
export type Alerts = {
  /** Everybody who is mailed. */
  emails: string[];
  /** What those want who are not mailed everything, by address. */
  wanted?: Record<string, Wanted>;
  /** None when absent. */
  channels?: Channel[];
};

/** The parameters that posting takes, each once. */
export const channelSecrets = ({ channels = [] }: Alerts): string[] =>
  [...new Set(channels.flatMap(({ secrets }) => Object.values(secrets)))].sort();
