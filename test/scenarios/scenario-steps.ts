import { type Life, mishapNamed, newLife } from '../../fixtures/virtual/mishaps.ts';
import { give, readdressed } from '../../fixtures/virtual/moving.ts';
import { type ServerBehaviour, type VirtualWorld, virtualSite, ZONE } from '../../fixtures/virtual/world.ts';
import { answerCommand } from '../../lambda/console/command.ts';
import type { Ended } from '../../lambda/controller/term.ts';
import type { Server, Site } from '../../lambda/core/site/site.ts';
import { DEPLOYMENT } from '../../lambda/core/state/deployment-state.ts';
import type { Change, RecordSet } from '../../lambda/core/zone/records.ts';

/** A scenario while it runs. */
export type Play = {
  world: VirtualWorld;
  /** Whether the schedule starts controllers. */
  on: boolean;
  /** How far ahead the clocks of controllers are that start now. */
  skewMs: number;
  lives: Life[];
  said: { atMs: number; text: string }[];
  /** Sites that `remove` took out of the configuration. */
  removed: Site[];
  /** What `backup` kept of the state table. */
  backup: Pick<VirtualWorld['store'], 'documents' | 'entries' | 'baton'> | undefined;
};

export type Step = { atS: number; run: (play: Play) => unknown };

type StartController = (play: Play, scheduledS: number) => Promise<Ended>;

const ADDRESSES: Record<string, [ipv4: string, ipv6: string]> = {
  primary: ['203.0.113.10', '2001:db8::10'],
  standby: ['198.51.100.20', '2001:db8::20'],
  third: ['192.0.2.30', '2001:db8::30'],
  sorry: ['192.0.2.40', '2001:db8::40'],
};

const BEHAVIOURS: readonly ServerBehaviour[] = ['ok', 'refuses', 'hangs', '500', 'blocked', 'no-network'];

const addressesOf = (server: string): [string, string] => {
  const addresses = ADDRESSES[server];
  if (addresses !== undefined) return addresses;
  throw new Error(`Expected a verb or one of ${Object.keys(ADDRESSES).join(', ')}, received ${server}.`);
};

const fullName = (label: string): string => `${label}.${ZONE}`;

/** `primary`, `primary+6`, `primary@192.0.2.99`, `primary^d1.cloudfront.net` (an alias), `primary~host.test` (a CNAME). */
const serverFrom = (text: string): Server => {
  const [, name = '', both, other, target, hostname] =
    /^([a-z]+)(\+6)?(?:@(.*)|\^(.*)|~(.*))?$/.exec(text) ?? [];
  const [ipv4, ipv6] = addressesOf(name);
  if (target !== undefined) {
    return { name, ipv4: [], ipv6: [], alias: { name: target, zoneId: 'Z2FDTNDATAQYW2', ipv6: true } };
  }
  if (hostname !== undefined) return { name, ipv4: [], ipv6: [], hostname };
  return { name, ipv4: [other ?? ipv4], ipv6: both === undefined ? [] : [ipv6] };
};

/** Fields of a site that a virtual one has not from the start. */
const OPTIONAL = ['ttlWhileFailedOverSeconds', 'ttlFloorSeconds'];

const withFields = (site: Site, fields: string[]): Site => {
  const changed = { ...site };
  for (const field of fields) {
    const [key = '', value = ''] = field.split('=');
    if (key === 'failback') changed.failback = { afterSeconds: Number(value) };
    else if (key === 'servers') changed.servers = value.split(',').map(serverFrom);
    else if (key === 'extra') {
      changed.names = [
        site.name,
        ...value
          .split(',')
          .filter((label) => label !== '')
          .map(fullName),
      ];
    } else if (key === 'dual') {
      changed.lever = 'dual';
      const primaryName = fullName(value);
      changed.dual = { primaryName, primaryHost: primaryName, probeHeader: 'x-probe', joinAfterSeconds: 300 };
      changed.names = [...new Set([...changed.names, primaryName])];
    } else if (key === 'lever' && value === 'record') {
      changed.names = changed.names.filter((name) => name !== changed.dual?.primaryName);
      changed.lever = 'record';
      delete changed.dual;
    } else if (key === 'lever') Object.assign(changed, readdressed(changed, value === 'elastic'));
    else if (key === 'lastResort') changed.lastResort = value;
    else if (key === 'blockedIs') changed.probe = { ...site.probe, blockedIs: value as 'failed' | 'unknown' };
    else if ((key in site || OPTIONAL.includes(key)) && Number.isFinite(Number(value)))
      Object.assign(changed, { [key]: Number(value) });
    else throw new Error(`Expected a field of a site, received ${field}.`);
  }
  return changed;
};

export const siteFrom = (line: string): Site => {
  const [, name = '', ...fields] = line.split(/\s+/);
  return withFields(virtualSite(name), fields);
};

/** One line of a scenario: a time, a verb, and what the verb takes. */
export const stepFrom = (line: string, start?: StartController): Step => {
  const [at = '', ...words] = line.split(/\s+/);
  return { atS: Number(at), run: actionFrom(words, start) };
};

type Verb = (words: string[], start?: StartController) => Step['run'];

const isAway = (word: string | undefined): boolean => {
  if (word !== 'away' && word !== 'back') throw new Error(`Expected away or back, received ${word}.`);
  return word === 'away';
};

const schedule =
  (on: boolean): Verb =>
  () =>
  (play) =>
    Object.assign(play, { on });

const VERBS: Record<string, Verb> = {
  blind:
    ([vantage = '']) =>
    ({ world }) =>
      world.blindVantages.add(vantage),
  sees:
    ([vantage = '']) =>
    ({ world }) =>
      world.blindVantages.delete(vantage),
  overload:
    ([word]) =>
    ({ world }) =>
      Object.assign(world, { overloaded: word !== 'over' }),
  address:
    ([holder = '']) =>
    ({ world: { moving } }) =>
      holder === 'nothing' ? delete moving.holder : give(moving, holder),
  hosts:
    ([word]) =>
    ({ world: { moving } }) =>
      Object.assign(moving, { stuck: word === 'stuck' }),
  protect:
    ([label = '', ...comment]) =>
    ({ world }) =>
      world.protections.set(fullName(label), comment.join(' ')),
  unprotect:
    ([label = '']) =>
    ({ world }) =>
      world.protections.delete(fullName(label)),
  strand:
    () =>
    ({ world }) =>
      world.strand(),
  zone: ([word]) => {
    if (word === 'deleted') return ({ world }) => Object.assign(world, { zoneGone: true });
    const zoneAway = isAway(word);
    return ({ world }) => Object.assign(world, { zoneAway });
  },
  lag:
    ([server = '', seconds]) =>
    ({ world }) =>
      world.nameServers.lagMs.set(server, Number(seconds) * 1000),
  dns: ([word]) => {
    const away = isAway(word);
    return ({ world }) => Object.assign(world.nameServers, { away });
  },
  topic: ([word]) => {
    const topicAway = isAway(word);
    return ({ world }) => Object.assign(world, { topicAway });
  },
  store: ([word]) => {
    const away = isAway(word);
    return ({ world }) => Object.assign(world.store, { away });
  },
  forget:
    () =>
    ({ world: { store } }) => {
      store.documents.clear();
      store.entries.clear();
      store.baton = undefined;
    },
  backup: () => (play) => Object.assign(play, { backup: structuredClone(tableOf(play.world)) }),
  restore: () => (play) => Object.assign(play.world.store, structuredClone(play.backup)),
  corrupt:
    ([label = '']) =>
    ({ world: { store } }) => {
      const key = label === DEPLOYMENT ? label : fullName(label);
      const version = store.documents.get(key)?.version ?? 0;
      store.documents.set(key, { text: '{"schema":2}', version: version + 1 });
    },
  stop: schedule(false),
  start: schedule(true),
  crash:
    () =>
    ({ lives }) => {
      for (const life of lives) life.dead = true;
    },
  freeze:
    ([seconds]) =>
    ({ world, lives }) => {
      for (const life of lives) life.frozenUntilMs = world.clock.now() + Number(seconds) * 1000;
    },
  skew:
    ([seconds]) =>
    (play) =>
      Object.assign(play, { skewMs: Number(seconds) * 1000 }),
  event:
    ([scheduled], start) =>
    (play) =>
      deliver(play, Number(scheduled), start),
  next:
    ([call = '', ...words], start) =>
    (play) =>
      play.world.mishaps.push(mishapFrom(play, call, words, start)),
  deploy:
    ([label = '', ...fields]) =>
    ({ world }) =>
      deploy(world, fullName(label), fields),
  remove:
    ([label = '']) =>
    (play) => {
      const { config } = play.world;
      const [removed, sites] = [true, false].map((gone) =>
        config.sites.filter(({ name }) => (name === fullName(label)) === gone),
      ) as [Site[], Site[]];
      play.removed.push(...removed);
      play.world.config = { ...config, sites };
    },
  return:
    ([label = '']) =>
    ({ world, removed }) => {
      const back = removed.filter(({ name }) => name === fullName(label));
      world.config = { ...world.config, sites: [...world.config.sites, ...back] };
    },
  edit:
    ([label = '', type = '', ...value]) =>
    ({ world }) =>
      world.edit(editOf(world.listing(), label, type, value.join(' '))),
  ttl:
    ([label = '', seconds]) =>
    ({ world }) =>
      world.edit(withTtl(world.listing(), label, Number(seconds))),
  route:
    ([label = '', policy = '', ...values]) =>
    ({ world }) =>
      world.edit(routed(world.listing(), label, policy, values)),
  hand:
    ([action = '', label = '', ...fields]) =>
    (play) =>
      ask(play, { action, site: fullName(label), ...fieldsOf(action, fields) }),
  ask: (words) => (play) => ask(play, JSON.parse(words.join(' '))),
};

const actionFrom = ([verb = '', ...words]: string[], start?: StartController): Step['run'] =>
  VERBS[verb]?.(words, start) ?? behave(verb, words);

const tableOf = ({ store: { documents, entries, baton } }: VirtualWorld) => ({ documents, entries, baton });

const behave = (server: string, [behaviour, from, vantage]: string[]): Step['run'] => {
  const addresses = /[.:]/.test(server) ? [server] : addressesOf(server);
  const known = BEHAVIOURS.find((word) => word === behaviour);
  if (known === undefined) {
    throw new Error(`Expected ${server} to be one of ${BEHAVIOURS.join(', ')}, received ${behaviour}.`);
  }
  return ({ world }) => {
    for (const address of addresses) {
      if (from === 'from') world.seenFrom.set(`${vantage} ${address}`, known);
      else world.servers.set(address, known);
    }
  };
};

const deliver = (play: Play, scheduledS: number, start: StartController | undefined): void => {
  void start?.(play, scheduledS).then(({ ended }) => {
    play.said.push({ atMs: play.world.clock.now(), text: `event of ${scheduledS} s: ${ended}` });
  });
};

const mishapFrom = (play: Play, call: string, words: string[], start?: StartController) => {
  const [how = '', secondsText = ''] = words;
  if (how !== 'edit' && how !== 'hand' && how !== 'address')
    return mishapNamed(call, how, Number(secondsText), play.world.clock);
  const step = actionFrom(words, start);
  const run = async (attempt: () => Promise<unknown>) => {
    await step(play);
    return attempt();
  };
  return { call, play: run };
};

const deploy = (world: VirtualWorld, name: string, fields: string[]): void => {
  const sites = world.config.sites.map((site) => (site.name === name ? withFields(site, fields) : site));
  world.config = { ...world.config, sites };
};

const LOOKS = ['status', 'history', 'explain'];

const fieldsOf = (action: string, words: string[]): Record<string, unknown> => {
  const given = words.map((word) => {
    const [key = '', value = ''] = word.split('=');
    return [key, /^([0-9]+|true|false)$/.test(value) ? JSON.parse(value) : value];
  });
  return { ...(LOOKS.includes(action) ? {} : { reason: 'drill', by: 'ops' }), ...Object.fromEntries(given) };
};

/** A person does not wait for the answer before time goes on. */
const ask = ({ world, said }: Play, event: unknown): void => {
  void answerCommand(world.mortal(newLife(), 0), event).then(({ ok, message }) => {
    said.push({ atMs: world.clock.now(), text: `${ok ? 'answered' : 'refused'}: ${message}` });
  });
};

/** What a person does in the AWS console: the record set of one name and type is replaced, or removed. */
const editOf = (listing: RecordSet[], label: string, type: string, value: string): Change[] => {
  const name = fullName(label);
  const before = listing.find((r) => r.name === name && r.type === type);
  const ttlSeconds = before?.ttlSeconds ?? 60;
  const alias = { name: value.slice(1), zoneId: 'Z2FDTNDATAQYW2', evaluateTargetHealth: false };
  const record = value.startsWith('^')
    ? { name, type, values: [], alias }
    : { name, type, ttlSeconds, values: [value] };
  return [
    ...(before === undefined ? [] : [{ action: 'DELETE' as const, record: before }]),
    ...(value === '' ? [] : [{ action: 'CREATE' as const, record }]),
  ];
};

/** What a person does in the AWS console: the A record gets another TTL. */
const withTtl = (listing: RecordSet[], label: string, ttlSeconds: number): Change[] =>
  listing
    .filter((r) => r.name === fullName(label) && r.type === 'A')
    .flatMap((record) => [
      { action: 'DELETE' as const, record },
      { action: 'CREATE' as const, record: { ...record, ttlSeconds } },
    ]);

const POLICIES: Record<string, object> = {
  weighted: { weight: 10 },
  failover: { failover: 'PRIMARY' },
  latency: { region: 'eu-west-2' },
  geolocation: { geoLocation: { CountryCode: 'GB' } },
  multivalue: { multiValueAnswer: true },
};

/** What a person does in the AWS console: A records of a name become one with a routing policy. */
const routed = (listing: RecordSet[], label: string, policy: string, values: string[]): Change[] => {
  const name = fullName(label);
  const fields = POLICIES[policy];
  if (fields === undefined) {
    throw new Error(`Expected one of ${Object.keys(POLICIES).join(', ')}, received ${policy}.`);
  }
  const before = listing.filter((r) => r.name === name && r.type === 'A');
  const record = { name, type: 'A', ttlSeconds: 60, values, setIdentifier: 'blue', ...fields };
  return [...before.map((old) => ({ action: 'DELETE' as const, record: old })), { action: 'CREATE', record }];
};
