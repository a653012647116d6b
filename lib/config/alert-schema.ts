import * as z from 'zod';
import { judged, judgedAs, list, object, say, text } from './fields.ts';
import { parameterRefusal } from './probe-values.ts';
import { busRefusal, emailRefusal, serviceRefusal } from './values.ts';

const secret = object({ secret: judged(parameterRefusal) });

const urlShape = { url: secret };
const keyShape = (local: boolean) => ({
  key: secret,
  service: judged((value) => serviceRefusal(value, local)).optional(),
});
const ntfyShape = { url: secret, token: secret.optional() };
const webhookShape = { url: secret, key: secret };

/** The mark of a site that belongs to somebody. */
export const tag = text(
  /^[A-Za-z0-9][\w.:/-]{0,63}$/,
  'a tag of 1 to 64 letters, digits and . _ : / -',
  'leave out spaces and other marks',
);

/** Some who are told: `alerts` itself, or one of its elements. */
export const alertShape = (local: boolean) => ({
  emails: list(judged(emailRefusal), 'a list of e-mail addresses', 'put brackets around it').optional(),
  tags: list(tag, 'a list of one or more tags', 'leave it out where all sites are meant', 1).optional(),
  from: z
    .enum(
      ['critical', 'warning', 'info'],
      say("'critical', 'warning' or 'info'", "'info' is everything, and the default"),
    )
    .optional(),
  slack: object(urlShape).optional(),
  teams: object(urlShape).optional(),
  discord: object(urlShape).optional(),
  pagerduty: object(keyShape(local)).optional(),
  jira: object(keyShape(local)).optional(),
  ntfy: object(ntfyShape).optional(),
  webhook: object(webhookShape).optional(),
  eventBridge: judgedAs<true | string>(busRefusal)
    .meta({ type: ['boolean', 'string'] })
    .optional(),
});

/** The keys of what is posted to, by the field that holds it. */
export const CHANNEL_KEYS: Record<string, string[]> = {
  slack: Object.keys(urlShape),
  teams: Object.keys(urlShape),
  discord: Object.keys(urlShape),
  pagerduty: Object.keys(keyShape(false)),
  jira: Object.keys(keyShape(false)),
  ntfy: Object.keys(ntfyShape),
  webhook: Object.keys(webhookShape),
  url: ['secret'],
  key: ['secret'],
  token: ['secret'],
};
