import { probedAddresses } from '../../lambda/core/evidence/targets.ts';
import { type Server, type Site, servedAddresses } from '../../lambda/core/site/site.ts';
import { CALLED } from '../../lib/place.ts';

/** One thing that differs, and what that does once it is deployed: whole sentences. */
export type Difference = { what: string; means: string };

/** How a deployed site stands: the server that DNS names (null when it names none of ours), and the mode. */
export type Now = { serving: string | null; mode: string };

/** A value as it is configured, short. */
export const shown = (value: unknown): string =>
  typeof value === 'string' ? value : (JSON.stringify(value) ?? 'nothing');

/** Everything that differs between two configurations of one site. Without `now` both cases are told. */
export const compareSite = (before: Site, after: Site, now: Now | undefined): Difference[] => {
  const stuck = now === undefined || now.mode === 'auto' ? '' : ` Not while the site is ${now.mode}.`;
  const comparison = { before, after, serving: now?.serving ?? undefined, stuck };
  return [
    ...zoneAndNames(comparison),
    ...serverDifferences(comparison),
    ...orderOfPreference(comparison),
    ...probeDifferences(comparison),
    ...plainDifferences(comparison),
  ];
};

type Pair = {
  before: Site;
  after: Site;
  /** Undefined when nobody knows. */
  serving: string | undefined;
  /** What keeps row 14 from being taken, as a sentence. */
  stuck: string;
};

const zoneAndNames = ({ before, after, stuck }: Pair): Difference[] => {
  const found: Difference[] = [];
  if (before.zone !== after.zone) {
    const means = `The records in ${before.zone} stay as they are. In ${after.zone} the site counts as edited by hand (row 5) until "put-back" makes its records there.`;
    found.push({ what: `zone: ${before.zone} becomes ${after.zone}`, means });
  }
  for (const name of after.names.filter((one) => !before.names.includes(one))) {
    const means = `It gets records once the serving server is up (row 14).${stuck} If there are any at that name already, the site counts as edited by hand (row 5) until "adopt" or "put-back".`;
    found.push({ what: `names: ${name} added`, means });
  }
  for (const name of before.names.filter((one) => !after.names.includes(one))) {
    found.push({
      what: `names: ${name} removed`,
      means: 'Its records stay as they are and no longer move: delete them by hand.',
    });
  }
  return found;
};

const byName = (site: Site): Map<string, Server> =>
  new Map(site.servers.map((server) => [server.name, server]));
/** Addresses as DNS has them, so that an alias and a CNAME to one name differ. */
const published = (server: Server): string[] =>
  server.alias === undefined
    ? servedAddresses(server)
    : [`alias ${server.alias.name} in ${server.alias.zoneId}`];

const serverDifferences = (pair: Pair): Difference[] => {
  const [old, next] = [byName(pair.before), byName(pair.after)];
  const found: Difference[] = [];
  for (const [name, server] of old) {
    const is = next.get(name);
    if (is === undefined) found.push(serverRemoved(pair, server));
    else found.push(...serverChanged(pair, server, is));
  }
  for (const [name, server] of next) {
    if (old.has(name)) continue;
    const means = 'Its health starts at unknown; it can take over once it is up.';
    found.push({ what: `server ${name} added (${shown(servedAddresses(server))})`, means });
  }
  return found;
};

const serverRemoved = ({ before, after, serving }: Pair, server: Server): Difference => {
  const heir = after.servers.find(
    (one) => !byName(before).has(one.name) && shown(servedAddresses(one)) === shown(servedAddresses(server)),
  );
  const what =
    heir === undefined ? `server ${server.name} removed` : `server ${server.name} renamed ${heir.name}`;
  const stays =
    'DNS stays on it, nobody watches it any more, and nothing moves by itself (row 12) until the site is pinned to another server. ' +
    (heir === undefined
      ? 'Better move the site before the deploy, with "pin".'
      : `After the deploy: "pin" to ${heir.name}, then "release".`);
  if (serving === server.name) return { what: `${what}, which serves`, means: stays };
  if (serving !== undefined) return { what, means: 'It is no longer asked, and cannot take over any more.' };
  return { what, means: `If it does not serve, it just cannot take over any more. If it serves: ${stays}` };
};

const serverChanged = ({ serving, stuck }: Pair, was: Server, is: Server): Difference[] => {
  const found: Difference[] = [];
  const [oldServed, newServed] = [shown(published(was)), shown(published(is))];
  const [oldProbed, newProbed] = [shown(probedAddresses(was)), shown(probedAddresses(is))];
  const anew = 'Its health starts at unknown there; it can take over once it is up.';
  if (oldServed !== newServed) {
    const follows =
      is.probeAddress === undefined
        ? `DNS stays on the old ones until it is up at the new ones, and follows then (row 14).${stuck}`
        : `DNS follows as soon as it is up at ${is.probeAddress}, where it is asked (row 14).${stuck}`;
    const standby =
      oldProbed === newProbed
        ? 'Its health goes on, since it is asked at the same address; the next move to it uses the new ones.'
        : anew;
    const means =
      serving === is.name
        ? follows
        : serving === undefined
          ? `If it serves: ${follows} If not: ${standby}`
          : standby;
    found.push({
      what: `server ${is.name}: addresses ${oldServed} become ${newServed}${serving === is.name ? ', and it serves' : ''}`,
      means,
    });
  } else if (oldProbed !== newProbed) {
    const means =
      serving === is.name
        ? 'Its health starts at unknown there; until it is up again nothing moves (row 12).'
        : anew;
    found.push({ what: `server ${is.name}: asked at ${newProbed} instead of ${oldProbed}`, means });
  }
  return found;
};

const orderOfPreference = ({ before, after, serving }: Pair): Difference[] => {
  const names = after.servers.map(({ name }) => name);
  const old = before.servers.map(({ name }) => name);
  const isReordered =
    shown(old.filter((name) => names.includes(name))) !== shown(names.filter((name) => old.includes(name)));
  const preferred = (order: string[]): string[] => order.slice(0, Math.max(order.indexOf(serving ?? ''), 0));
  const newlyPreferred = preferred(names).filter(
    (name) => name !== after.lastResort && !preferred(old).includes(name),
  );
  if (!isReordered && newlyPreferred.length === 0) return [];
  const { failback } = after;
  const when =
    failback === 'manual'
      ? 'nothing moves back there until "failback"'
      : `the site moves there by itself once it has been up for ${failback.afterSeconds} s (row 13)`;
  const means =
    newlyPreferred.length === 0
      ? 'It decides who takes over first, and what is moved back to.'
      : `${newlyPreferred.join(', ')} is preferred to ${serving}, which serves: ${when}.`;
  return [{ what: `order of preference: ${old.join(', ')} becomes ${names.join(', ')}`, means }];
};

const probeDifferences = ({ before, after }: Pair): Difference[] => {
  const fields = [
    ...new Set([...Object.keys(before.probe), ...Object.keys(after.probe)]),
  ] as (keyof Site['probe'])[];
  const found = fields
    .filter((field) => shown(before.probe[field]) !== shown(after.probe[field]))
    .map((field) =>
      field === 'headers'
        ? 'headers differ'
        : `${field} ${shown(before.probe[field])} becomes ${shown(after.probe[field])}`,
    );
  if (before.host !== after.host) found.unshift(`host ${before.host} becomes ${after.host}`);
  if (found.length === 0) return [];
  const means = `All its servers are asked so from the next round on. A server that does not pass then goes down as in an outage: see "${CALLED} check" first.`;
  return [{ what: `probe: ${found.join('; ')}`, means }];
};

/** Fields that stand for themselves. The others are compared above; the compiler sees to it that none is forgotten. */
const MEANINGS: Record<
  Exclude<keyof Site, 'name' | 'names' | 'zone' | 'host' | 'servers' | 'probe' | 'deployment'>,
  (pair: Pair) => string
> = {
  ttlSeconds: ({ stuck, before }) =>
    `The records are rewritten once the serving server is up (row 14).${stuck} Answers given out before live on for up to ${before.ttlSeconds} s.`,
  ttlWhileFailedOverSeconds: ({ stuck }) =>
    `It is the TTL while another server than the preferred one serves. If one does, the records are rewritten once it is up (row 14).${stuck}`,
  ttlFloorSeconds: () => 'Planned switches that begin from now on lower the TTL to it.',
  lever: () => 'Switches are carried out in that way from the next round on.',
  readdress: () =>
    'The address that is configured now is the one that moves, from the next round on; what holds the old one keeps it.',
  dual: ({ stuck }) =>
    `The records are rewritten once the serving server is up (row 14).${stuck} Start the gates on the standbys anew with the same configuration.`,
  tags: () => 'It matters to commands with --tag only.',
  failuresToDown: () => 'It counts from the next verdict on.',
  successesToUp: () => 'It counts from the next verdict on.',
  downForSeconds: () => 'It counts from the next verdict on.',
  confirmEverySeconds: () => 'It counts from the next round on.',
  failback: ({ after }) =>
    after.failback === 'manual'
      ? 'Nothing moves back by itself any more.'
      : `A preferred server that has been up for ${after.failback.afterSeconds} s is moved back to (row 13), at once if it has been so long already.`,
  metrics: ({ after }) =>
    after.metrics === true
      ? 'What its probes measure is kept by CloudWatch from the next round on, for its price.'
      : 'Nothing of its probes is measured any more; what CloudWatch has stays.',
  lastResort: ({ before, after, serving }) =>
    [
      before.lastResort === undefined ? '' : `${before.lastResort} is a standby like any other.`,
      after.lastResort === undefined
        ? ''
        : `${after.lastResort} is nobody's standby any more: it serves only when no other server can.`,
      after.lastResort !== undefined && after.lastResort === serving
        ? 'It serves now, so the site moves as soon as another server is armed (row 10).'
        : '',
    ]
      .filter((sentence) => sentence !== '')
      .join(' '),
};

const plainDifferences = (pair: Pair): Difference[] =>
  (Object.keys(MEANINGS) as (keyof typeof MEANINGS)[])
    .filter((field) => shown(pair.before[field]) !== shown(pair.after[field]))
    .map((field) => ({
      what: `${field}: ${shown(pair.before[field])} becomes ${shown(pair.after[field])}`,
      means: MEANINGS[field](pair),
    }));
