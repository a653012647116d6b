import { CHANNEL_KINDS } from '../../lambda/core/site/alerts.ts';
import { busOf, type Route, routesOf } from './alerts.ts';
import type { Draft } from './draft.ts';
import type { SwitchoverConfig } from './input.ts';
import { expected, type Problem } from './problems.ts';

/** A filter policy of SNS has at most 150 combinations of values; with three of severity, so many tags (SNS guide, 2026). */
const TAGS_MAX = 50;
/** Filter policies of one topic (SNS quotas). */
const CHOOSY_MAX = 200;

/** What is wrong among those who are told. Pure. */
export const alertRules = (
  given: Draft<SwitchoverConfig>['alerts'] | null,
  homeRegion?: string | null,
): Problem[] => {
  const routes = routesOf(given);
  return [
    ...twiceMailed(routes),
    ...routes.flatMap(nobody),
    ...routes.flatMap(manyTags),
    ...manyPolicies(routes),
    ...twicePut(routes),
    ...routes.flatMap((route) => busElsewhere(route, homeRegion)),
  ];
};

/** SNS has one subscription of an address to a topic, and one filter for it. */
const twiceMailed = (routes: Route[]): Problem[] => {
  const seen = new Map<string, string>();
  return routes.flatMap(({ path, route }) =>
    (route.emails ?? []).flatMap((email, index) => {
      if (!email) return [];
      const here = `${path}.emails[${index}]`;
      const before = seen.get(email.toLowerCase());
      seen.set(email.toLowerCase(), before ?? here);
      if (before === undefined) return [];
      const wayOut = before.startsWith(`${path}.`)
        ? 'drop this one'
        : 'an address has one filter, so name it where it wants most and drop this one';
      return [
        {
          path: here,
          message: expected(
            'each e-mail address once',
            email.toLowerCase(),
            `it is there already as ${before}; ${wayOut}`,
          ),
        },
      ];
    }),
  );
};

/** `alerts: {}` tells nobody, which is warned of; who is told only some messages has to be somebody. */
const nobody = ({ path, route }: Route): Problem[] => {
  // A field that is not known is refused already.
  const tells = Object.keys(route).some((field) => field !== 'tags' && field !== 'from');
  const chooses = route.tags !== undefined || route.from !== undefined;
  if (tells || (path === 'alerts' && !chooses)) return [];
  return [
    { path, message: expected('somebody who is told', route, 'add `emails`, or a channel such as `slack`') },
  ];
};

const manyTags = ({ path, route }: Route): Problem[] => {
  const count = route.tags?.length ?? 0;
  if (count <= TAGS_MAX) return [];
  const wayOut = 'give these sites one tag in common';
  return [
    {
      path: `${path}.tags`,
      message: `Expected at most ${TAGS_MAX} tags, which is what a filter of SNS holds, received ${count}; ${wayOut}.`,
    },
  ];
};

const manyPolicies = (routes: Route[]): Problem[] => {
  const choosy = routes.filter(({ route }) => route.tags !== undefined || (route.from ?? 'info') !== 'info');
  const count = choosy.reduce((sum, { route }) => sum + (route.emails?.length ?? 0), 0);
  if (count <= CHOOSY_MAX) return [];
  return [
    {
      path: 'alerts',
      message: `Expected at most ${CHOOSY_MAX} e-mail addresses with \`tags\` or \`from\`, which is what SNS filters for one topic, received ${count}; name a mailing list of each team.`,
    },
  ];
};

/** Whoever makes a rule would be called twice. */
const twicePut = (routes: Route[]): Problem[] => {
  const seen = new Map<string, string>();
  return routes.flatMap(({ path, route }) => {
    const bus = busOf(route);
    if (bus === undefined) return [];
    const before = seen.get(bus);
    seen.set(bus, before ?? path);
    if (before === undefined) return [];
    const wayOut = `it is there already as ${before}.eventBridge; drop this one, and filter by the rule`;
    return [{ path: `${path}.eventBridge`, message: expected('each event bus once', bus, wayOut) }];
  });
};

/** EventBridge takes events for a bus of its own region alone. */
const busElsewhere = ({ path, route }: Route, homeRegion?: string | null): Problem[] => {
  const [, , , region] = busOf(route)?.split(':') ?? [];
  if (region === undefined || !homeRegion || region === homeRegion) return [];
  const wayOut = 'put them on a bus there, and have a rule send them on';
  return [
    {
      path: `${path}.eventBridge`,
      message: expected(`a bus in the home region ${homeRegion}`, route.eventBridge, wayOut),
    },
  ];
};

/** What works, and is likely to be regretted. */
export const alertWarnings = (
  alerts: Draft<SwitchoverConfig>['alerts'] | null,
  siteTags: ReadonlySet<string>,
  hasTopic: boolean,
): string[] => {
  const routes = routesOf(alerts);
  const mails = routes.filter(({ route }) => (route.emails?.length ?? 0) > 0);
  const posts = routes.some(({ route }) => CHANNEL_KINDS.some((kind) => kind in route));
  const found: string[] = [];
  if (mails.length === 0)
    found.push(
      hasTopic
        ? '`alerts` has a topic and no `emails`: the alarm on silence has a topic of its own in another region, which mails nobody.'
        : posts
          ? '`alerts` has no `emails`: nobody is told when a channel takes no messages, and nobody when nothing is decided any more.'
          : '`alerts.emails` is empty: nobody will be told of a failover, or of one that could not be made.',
    );
  else if (mails.every(({ route }) => route.tags !== undefined))
    found.push(
      'Everybody in `alerts` who is mailed waits for `tags`: what concerns the deployment as a whole, a site without these tags or a channel that takes no messages is mailed to nobody. Name somebody without `tags`.',
    );
  const unknown = routes.flatMap(({ path, route }) =>
    (route.tags ?? []).flatMap((tag, index) =>
      tag === null || siteTags.has(tag) ? [] : [`\`${path}.tags[${index}]\` is ${tag}`],
    ),
  );
  if (unknown.length > 0)
    found.push(`${unknown.slice(0, 4).join(', ')}, and no site has it: nothing is told of that tag.`);
  return found;
};
