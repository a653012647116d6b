import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Describe, jsonSchemaOf } from '../lib/config/json-schema.ts';
import { TOP } from '../lib/place.ts';

/** Where the types of a configuration are. */
const SOURCES = ['lib/config/input.ts', 'lib/config/probe-input.ts'];
/** Those of them that describe what a field holds. */
const TYPES: Record<string, readonly string[]> = {
  '': ['SwitchoverConfig'],
  zones: ['ZoneInput'],
  account: ['ZoneAccountInput'],
  sites: ['SiteInput', 'SharedInput'],
  defaults: ['SharedInput'],
  servers: ['ServerInput'],
  readdress: ['ReaddressInput'],
  probe: ['ProbeInput'],
  bodyJson: ['JsonRuleInput'],
  failback: ['FailbackInput'],
  dual: ['DualInput'],
  alerts: ['AlertInput'],
  slack: ['UrlChannelInput'],
  teams: ['UrlChannelInput'],
  discord: ['UrlChannelInput'],
  pagerduty: ['KeyChannelInput'],
  jira: ['KeyChannelInput'],
  ntfy: ['NtfyInput'],
  webhook: ['WebhookInput'],
  url: ['SecretInput'],
  key: ['SecretInput'],
  token: ['SecretInput'],
};

/** The comments over the fields of a type, by field. */
const commentsOf = (source: string, type: string): Map<string, string> => {
  const [, body = ''] =
    new RegExp(`^export (?:type|interface) ${type}\\b[^{]*\\{\\n(.*?)\\n\\}`, 'ms').exec(source) ?? [];
  const fields = body.matchAll(/^ {2}\/\*\*((?:(?!\*\/).)*)\*\/\s*(\w+)\??:/gms);
  return new Map(
    [...fields].map(([, comment = '', field = '']) => [field, comment.replace(/\s*\n\s*\* ?/g, ' ').trim()]),
  );
};

/** The schema for editors, with the comments of the types: what an editor shows of a `.ts` file and of a `.json` file is the same. */
export const schemaText = (): string => {
  const source = SOURCES.map((path) => readFileSync(join(TOP, path), 'utf8')).join('\n');
  const comments = new Map(
    Object.entries(TYPES).map(([holder, types]) => [
      holder,
      new Map(types.flatMap((type) => [...commentsOf(source, type)])),
    ]),
  );
  const describe: Describe = (holder, field) => comments.get(holder)?.get(field);
  return `${JSON.stringify(jsonSchemaOf(describe), null, 2)}\n`;
};
