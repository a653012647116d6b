import type { Announcement } from '../../../lambda/core/messages/announcement.ts';
import type { Site } from '../../../lambda/core/site/site.ts';
import { isElastic, serverOf } from '../world/instances.ts';
import type { Plan } from '../world/plan-shape.ts';
import type { Trouble } from '../world/troubles.ts';
import {
  type Chronicle,
  contentOf,
  type Role,
  roleIn,
  type SiteChronicle,
  troubled,
  type Write,
} from './chronicle.ts';
import { notUp, roundsBehind, verdictIn } from './evidence.ts';
import { onTable } from './invariants/invariant.ts';
import type { Observer } from './observer-shape.ts';
import type { Holder, Moved, Step } from './truth.ts';

/*
 * What must hold where an Elastic IP moves, by design.md and docs/readdress.md. EC2 is asked only by who has just listed a role
 * record that is as we left it, that names the server that is to have the address, and that no person holds; on evidence for that
 * server, or a person's word. What a person gave to somebody else, after it had been where it belongs, stays there, and so does
 * what something has that is no server.
 */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** What was ordered so long ago is known to every controller. */
const SOON_MS = 15 * SECOND;

export const holderName = (site: Site, holder: Holder): string =>
  typeof holder === 'number' ? (site.servers[holder]?.name ?? `server ${holder}`) : holder;

/** A process asks EC2 to take an address, or to give it: checked when it asks, whatever becomes of that. */
export const wrongStep = (observer: Observer, plan: Plan, step: Step): void => {
  const { chronicle } = observer;
  const { life, from, to } = step;
  const name = plan.config.sites[step.site]?.name ?? '';
  const site = life.config.sites.find((s) => s.name === name);
  const record = chronicle.sites.get(name);
  if (site === undefined || record === undefined) return;
  const what = `${life.id} asks EC2 to move the address of ${name} from ${holderName(site, from)} to ${holderName(site, to)}`;
  observer.note(what);
  const wrong = wrongOf(chronicle, record, site, step);
  if (wrong !== undefined) observer.violate(wrong.invariant, `${what}\n${wrong.text}`, name);
};

type Wrong = { invariant: string; text: string };

const wrongOf = (chronicle: Chronicle, record: SiteChronicle, site: Site, step: Step): Wrong | undefined => {
  const { life, from, to } = step;
  const seen = chronicle.listings.get(life)?.get(site.zone);
  if (seen === undefined) return { invariant: '3', text: 'it never listed the zone' };
  const role = roleIn(site.name, seen.listing);
  const target = site.servers.find((s) => s.name === role?.serving);
  if (role === undefined || target === undefined)
    return { invariant: '3', text: `the role record that it listed names ${role?.serving}` };
  // Nobody has the address between the two steps, and to leave it so helps nobody: the first one's moment counts.
  const taking = record.taking?.life === life && to !== 'nobody' ? record.taking.asked : undefined;
  const asked = taking !== undefined && taking.atMs >= seen.atMs ? taking : step.asked;
  if (to === 'nobody') record.taking = { life, asked: step.asked };
  const names = [...(record.left?.names ?? []), ...site.names];
  if (!record.everLeft.has(contentOf(site.name, [...new Set(names)], seen.listing)))
    return { invariant: '3', text: 'the records that it listed were not as we left them' };
  const at = holderName(site, to);
  if (to !== 'nobody' && at !== target.name)
    return { invariant: '5', text: `the role record that it listed names ${target.name}` };
  if (to === 'nobody' && holderName(site, from) === target.name)
    return { invariant: '1', text: `it is taken from ${target.name}, which the role record names` };
  if (isByHand(record, role, target.name, asked)) return undefined;
  if (role.mode === 'held' && role.untilMs > asked.clockMs)
    return { invariant: '2', text: 'the role record that it listed says held' };
  if (to === 'nobody') {
    const stays = staysWithHolder(chronicle, record, role, step);
    if (stays !== undefined) return { invariant: '3', text: stays };
  }
  const held = heldInTable(chronicle, record, asked);
  if (held !== undefined) return { invariant: '2', text: held };
  const rounds = roundsBehind(chronicle, life, asked, site);
  if (rounds.length === 0) return { invariant: '1', text: 'the process had no round that was not too old' };
  const probed = [target.probeAddress ?? ''];
  const why = rounds.map((round) =>
    verdictIn(round, probed) === 'passed' ? undefined : notUp(chronicle, round, site, probed),
  );
  return why.every((text) => text !== undefined)
    ? { invariant: '1', text: `${target.name} is given it: ${[...new Set(why)].join('; or ')}` }
    : undefined;
};

/** The batch with which the server of `role` began to serve. */
export const namedBy = ({ writes }: SiteChronicle, { serving, since }: Role): Write | undefined =>
  writes.find(({ roleAfter }) => roleAfter?.since === since && roleAfter.serving === serving);

/** A person pinned the server, or what the role record says is what an `adopt` or `put-back` left. */
const isByHand = (record: SiteChronicle, role: Role, server: string, asked: Step['asked']): boolean => {
  if (role.pin === server && role.untilMs > asked.clockMs) return true;
  const orders = record.orders.filter((o) => o.askedMs <= asked.atMs);
  const last = orders.findLast((o) => ['hold', 'pin', 'release', 'adopt', 'put-back'].includes(o.action));
  if (last?.action === 'pin' && last.pin === server) return true;
  const life = namedBy(record, role)?.life;
  return orders.some((o) => o.life === life && (o.action === 'adopt' || o.action === 'put-back'));
};

/** Why the address is left with whoever has it: no server of the site, or a person gave it there after it had been in its place. */
const staysWithHolder = (
  chronicle: Chronicle,
  record: SiteChronicle,
  role: Role,
  { life, asked, from }: Step,
): string | undefined => {
  const count = life.config.sites.find((s) => s.name === record.name)?.servers.length ?? 0;
  if (from === 'stranger' || (typeof from === 'number' && from >= count))
    return 'it is held by what is no server of the site, and nobody said to take it from there';
  const given = record.moved.at(-1);
  if (given?.author.by !== 'person' || asked.atMs - given.atMs < SOON_MS) return undefined;
  const answeredAs = carriedMs(chronicle, record, role);
  // That the site had answered there is remembered in the table alone.
  if (chronicle.tableLosses.length > 0 || troubled(chronicle, onTable, answeredAs ?? life.bornMs, asked.atMs))
    return undefined;
  return answeredAs !== undefined && answeredAs < given.atMs && answeredAs < life.bornMs
    ? 'a person gave it there after the site had answered with the server that the role record names'
    : undefined;
};

/** When people were told that the site answers at its address with the server that `role` names. */
export const carriedMs = ({ mails }: Chronicle, record: SiteChronicle, role: Role): number | undefined => {
  const named = namedBy(record, role);
  return mails.find(
    (mail) =>
      mail.site === record.name &&
      mail.kind === 'moved' &&
      mail.atMs >= (named?.applied.atMs ?? Number.POSITIVE_INFINITY) &&
      mail.text.includes(` after ${role.serving} (`),
  )?.atMs;
};

/** A hold that was answered as accepted, and stands in the table alone. */
const heldInTable = (
  chronicle: Chronicle,
  record: SiteChronicle,
  asked: Step['asked'],
): string | undefined => {
  const last = record.orders.findLast((o) => !['failback', 'point'].includes(o.action));
  if (last?.action !== 'hold' || last.answer?.ok !== true) return undefined;
  const untilMs = last.askedMs - last.life.mostSkewMs + last.forSeconds * SECOND;
  if (asked.atMs < last.answer.atMs + SOON_MS || untilMs <= asked.clockMs) return undefined;
  if (record.editedMs > last.askedMs || chronicle.tableLosses.some(({ atMs }) => atMs > last.askedMs))
    return undefined;
  if (troubled(chronicle, onTable, last.askedMs, asked.atMs)) return undefined;
  return `a hold was answered: ${last.answer.message}`;
};

/** An address moved. What a person did, and what came in so late that the role record says otherwise by then, is an edit. */
export const addressMoved = (observer: Observer, plan: Plan, moved: Moved): void => {
  const { author, from, to } = moved;
  const site = plan.config.sites[moved.site] as Site;
  const record = observer.chronicle.sites.get(site.name) as SiteChronicle;
  const by = author.by === 'controller' || author.by === 'hand' ? author.life.id : `a ${author.by}`;
  observer.note(
    `${by} moved the address of ${site.name} from ${holderName(site, from)} to ${holderName(site, to)}`,
  );
  observer.met(`address moved by a ${author.by}`);
  record.moved.push(moved);
  const isLate = author.by === 'controller' && to !== 'nobody' && moved.named !== holderName(site, to);
  if (isLate) observer.met('address moved late');
  if (author.by === 'person' || isLate) record.editedMs = moved.atMs;
};

/** 6. Whoever is told that a server has the address is told the truth: it had it at some time since it was named. */
export const isFalseNews = (chronicle: Chronicle, plan: Plan, mail: Announcement): string | undefined => {
  const { sites } = chronicle;
  const { site: name, kind, text } = mail;
  const index = plan.config.sites.findIndex((s) => s.name === name);
  const [site, record] = [plan.config.sites[index], sites.get(name)];
  if (site === undefined || record === undefined) return undefined;
  // Where hosts take it by themselves, nobody can tell from outside which of them answers, and people are told that instead.
  if (!isElastic(site)) return undefined;
  if (kind === 'not-moved') return isFalseAlarm(chronicle, site, index, record, mail);
  if (kind !== 'moved') return undefined;
  const [, server, epoch] = / after (\S+) \(.*\(epoch (\d+)\)/.exec(text) ?? [];
  const says = (role: Role | undefined) => role?.epoch === Number(epoch) && role.serving === server;
  const role = record.writes.findLast(({ roleAfter }) => says(roleAfter))?.roleAfter;
  const named = role && namedBy(record, role);
  if (role === undefined || named === undefined)
    return `${server} was never named by a role record of epoch ${epoch}`;
  const before =
    record.moved.findLast(({ atMs }) => atMs <= named.applied.atMs)?.to ?? heldAtFirst(plan, index);
  const since = record.moved.filter(({ atMs }) => atMs > named.applied.atMs).map(({ to }) => to);
  return [before, ...since].some((holder) => holderName(site, holder) === role.serving)
    ? undefined
    : `${role.serving} never had the address since epoch ${epoch}`;
};

export const heldAtFirst = (plan: Plan, index: number): Holder => {
  const instance = plan.held?.[index];
  if (instance === undefined) return 'nobody';
  return serverOf(instance) ?? 'stranger';
};

/** Nobody is told that a server has not got the address that it has had for a minute, answering there, with nothing in trouble. */
const isFalseAlarm = (
  chronicle: Chronicle,
  site: Site,
  index: number,
  { moved }: SiteChronicle,
  { atMs, text }: Announcement,
): string | undefined => {
  const server = / (\S+) \(\S+\) is to have /.exec(text)?.[1];
  const last = moved.findLast((each) => each.atMs <= atMs);
  if (last === undefined || holderName(site, last.to) !== server || atMs - last.atMs < MINUTE)
    return undefined;
  const hides = (t: Trouble) =>
    ['vantage', 'reference', 'process', 'clock', 'zone', 'deploy'].includes(t.kind) ||
    (t.kind === 'edge' && t.edge !== 'store' && t.edge !== 'topic') ||
    (t.kind === 'server' && t.site === index);
  return troubled(chronicle, hides, atMs - 11 * MINUTE, atMs)
    ? undefined
    : `${server} has had the address since ${((last.atMs - chronicle.startMs) / SECOND).toFixed(1)} s`;
};
