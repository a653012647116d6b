import {
  type Alerts,
  CHANNEL_KINDS,
  type Channel,
  type ChannelKind,
  type Wanted,
} from '../../lambda/core/site/alerts.ts';
import type { Draft } from './draft.ts';
import type { AlertInput, SwitchoverConfig } from './input.ts';
import type { SecretInput } from './probe-input.ts';

type Given = Draft<SwitchoverConfig>['alerts'] | null;

/** One who is told, and where it is written. What the schema refused is missing: the schema has said so. */
export type Route = { path: string; route: Draft<AlertInput> };

/** Those who are told, one by one. One alone may stand without a list around it. */
export const routesOf = (given: Given): Route[] => {
  if (given === undefined || given === null) return [];
  if (!Array.isArray(given)) return [{ path: 'alerts', route: given }];
  return given.flatMap((route, index) => (route === null ? [] : [{ path: `alerts[${index}]`, route }]));
};

const wantedOf = ({ tags, from }: Draft<AlertInput>): Wanted => ({
  ...(tags ? { tags: tags.flatMap((tag) => tag ?? []) } : {}),
  ...(from && from !== 'info' ? { from } : {}),
});

const isEverything = (wanted: Wanted): boolean => Object.keys(wanted).length === 0;

const parameter = (given: Draft<SecretInput> | null | undefined): string | undefined =>
  given?.secret ?? undefined;

type Posted = {
  url?: Draft<SecretInput> | null;
  key?: Draft<SecretInput> | null;
  token?: Draft<SecretInput> | null;
  service?: string | null;
};

const secretsOf = (given: Posted): Channel['secrets'] =>
  Object.fromEntries(
    (['url', 'key', 'token'] as const).flatMap((field) => {
      const name = parameter(given[field]);
      return name === undefined ? [] : [[field, name]];
    }),
  );

/** What a field says of its channel. A bus is posted to by the rights of the function, without a secret. */
const postedBy = (route: Draft<AlertInput>, kind: ChannelKind): Posted | null | undefined => {
  if (kind !== 'eventBridge') return route[kind];
  const bus = busOf(route);
  return bus === undefined ? undefined : bus === DEFAULT_BUS ? {} : { service: bus };
};

/** The account's own bus, which is there always. */
export const DEFAULT_BUS = 'default';

/** The bus that somebody is told by: its ARN, or `default`. */
export const busOf = ({ eventBridge }: Draft<AlertInput>): string | undefined => {
  if (eventBridge === undefined || eventBridge === null) return undefined;
  return eventBridge === true ? DEFAULT_BUS : eventBridge;
};

const channelsOf = ({ path, route }: Route): Channel[] =>
  CHANNEL_KINDS.flatMap((kind) => {
    const given = postedBy(route, kind);
    if (given === undefined || given === null) return [];
    return [
      {
        kind,
        name: `${path}.${kind}`,
        wanted: wantedOf(route),
        ...(given.service ? { service: given.service.replace(/\/+$/, '') } : {}),
        secrets: secretsOf(given),
      },
    ];
  });

/** Who is mailed and what is posted to. Mails alone, to people who want all of them, is what it has always been. */
export const resolveAlerts = (given: Given): Draft<Alerts> => {
  const routes = routesOf(given);
  const mailed = routes.flatMap(({ route }) =>
    (route.emails ?? []).flatMap((email): [string, Wanted][] => (email ? [[email, wantedOf(route)]] : [])),
  );
  const choosy = mailed.filter(([, wanted]) => !isEverything(wanted));
  const channels = routes.flatMap(channelsOf);
  return {
    emails: mailed.map(([email]) => email),
    ...(choosy.length > 0 && { wanted: Object.fromEntries(choosy) }),
    ...(channels.length > 0 && { channels }),
  };
};
