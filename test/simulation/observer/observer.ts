import type { Announcement } from '../../../lambda/core/messages/announcement.ts';
import type { Change } from '../../../lambda/core/zone/records.ts';
import { flowing } from '../../support/in-words.ts';
import { isIn } from '../world/hosted.ts';
import { STRANGE_INSTANCE } from '../world/instances.ts';
import type { Asked, Life } from '../world/life.ts';
import { START_MS } from '../world/plan.ts';
import type { Plan } from '../world/plan-shape.ts';
import type { Trouble } from '../world/troubles.ts';
import { addressMoved, isFalseNews, wrongStep } from './addresses.ts';
import { beatWhileOwing } from './alarm.ts';
import {
  changesAnswers,
  contentOf,
  file,
  newChronicle,
  roleIn,
  roundOf,
  type SiteChronicle,
  sitesIn,
  troubled,
  troubledThroughout,
  type Write,
  writesOf,
} from './chronicle.ts';
import { INVARIANTS } from './invariants/all.ts';
import { movedByItself, onTable } from './invariants/invariant.ts';
import { newsIn } from './news.ts';
import type { Observer } from './observer-shape.ts';
import { forgetUntellable, oweSwitch } from './promises.ts';
import { toldTooOften } from './repeats.ts';
import type { Applied } from './truth.ts';

/** An observer of one world. It knows what truly happens and nothing of what a controller holds or stores. */
export const newObserver = (plan: Plan, now: () => number): Observer => {
  const chronicle = newChronicle(plan.config.sites, plan.episodes, START_MS);
  const inFlight = new Map<Life, Map<string, { sentMs: number; listed: boolean }>>();
  const looked = new Set<Life>();
  const siteOf = (name: string): SiteChronicle => chronicle.sites.get(name) as SiteChronicle;
  const observer: Observer = {
    chronicle,
    violations: [],
    outbox: [],
    refusals: [],
    counts: { rounds: 0, switches: 0, mails: 0 },
    deathsAsked: new Set(),
    holdsAsked: new Set(),
    effects: {},
    met: (what) => {
      observer.effects[what] = (observer.effects[what] ?? 0) + 1;
    },
    trace: [],
    note: (text) => void observer.trace.push(`${((now() - START_MS) / 1000).toFixed(1).padStart(8)} ${text}`),
    violate: (invariant, text, site) => {
      observer.violations.push({ invariant, atMs: now(), text, ...(site === undefined ? {} : { site }) });
    },
    asked: (life, asked, vantage, addresses) => {
      looked.add(life);
      const before = chronicle.rounds.length;
      const round = roundOf(chronicle, life, asked, vantage, addresses);
      observer.counts.rounds += chronicle.rounds.length - before;
      return (outcomes) => file(round, vantage, outcomes);
    },
    heartbeat: (life, roundsDecided) => {
      // A site whose secret is not known is judged and not looked at.
      const mayLook = life.config.sites.some(({ probe }) => probe.secretHeaders === undefined);
      if (roundsDecided < 1 || (mayLook && !looked.has(life))) {
        observer.violate('8', 'a heartbeat came from a process that had decided nothing');
      }
      const untold = beatWhileOwing(chronicle, observer.outbox, now());
      if (untold !== undefined)
        observer.violate(
          '8',
          `${life.id} sent a heartbeat, and for minutes nobody could be told of ${untold}`,
        );
    },
    sent: (life, asked, changes) => oneInFlight(observer, inFlight, life, asked, changes),
    listed: (life, { zone, atMs, listing }) => {
      const seen = chronicle.listings.get(life) ?? new Map();
      chronicle.listings.set(life, seen.set(zone, { atMs, clockMs: atMs + life.skewMs, listing }));
      chronicle.listedMs.set(zone, Math.max(chronicle.listedMs.get(zone) ?? 0, atMs));
      for (const { name, left, editedMs } of chronicle.sites.values()) {
        if (left !== undefined && isIn(zone, name) && left.atMs <= atMs && editedMs < left.atMs)
          left.seen = true;
      }
      for (const [site, flight] of inFlight.get(life) ?? [])
        if (isIn(zone, site) && atMs >= flight.sentMs) flight.listed = true;
    },
    moves: (step) => wrongStep(observer, plan, step),
    moved: (moved) => addressMoved(observer, plan, moved),
    refused: (life, zone) => {
      for (const [site, flight] of inFlight.get(life) ?? []) if (isIn(zone, site)) flight.listed = true;
    },
    applied: (applied) =>
      applied.author.by === 'person' ? edited(observer, applied) : written(observer, applied),
    event: ({ state }) => observer.met(`event ${state}`),
    mail: (published) => {
      // What it says is read wherever its lines end.
      const mail = { ...published, text: flowing(published.text) };
      observer.counts.mails += 1;
      observer.note(`mail ${mail.kind} ${mail.subject}`);
      const often = toldTooOften(chronicle, mail, now());
      if (often !== undefined) observer.violate('9', often, mail.site);
      const told = [mail, ...newsIn(mail)];
      for (const { kind, site, subject, text } of told)
        chronicle.mails.push({ atMs: now(), happenedMs: mail.atMs, kind, site, subject, text });
      observer.outbox = observer.outbox.filter((outbox) => !told.some((each) => outbox.isToldBy(each)));
      checkMail(observer, plan, mail, now());
    },
    ordered: (order) => {
      siteOf(order.name).orders.push(order);
    },
    tableLost: (how, toMs) => {
      chronicle.tableLosses.push({ atMs: now(), how, toMs });
      // What only the table knew to be owed is owed by nobody any more; that the table was lost is told instead.
      observer.outbox = observer.outbox.filter((outbox) => outbox.sinceMs > now());
    },
    logged: (life, line) => {
      if (line.event === 'switch') chronicle.logged.add(`${line.site} ${line.epoch}`);
      if (line.event !== 'error' || line.code !== 'internal') return;
      observer.violate('defect', `${life.id} met an error that it does not know: ${line.message}`);
    },
    ended: (life, ended) => {
      if ('threw' in ended)
        observer.violate('defect', `${life.id} threw: ${(ended.threw as Error)?.stack ?? ended.threw}`);
    },
  };
  return observer;
};

/**
 * 5. A process gives Route 53 no second batch for a site until the first one was refused, or a listing that is newer than its
 * sending has come back: what became of the first one is known then, or at least it was not there yet.
 */
const oneInFlight = (
  observer: Observer,
  inFlight: Map<Life, Map<string, { sentMs: number; listed: boolean }>>,
  life: Life,
  asked: Asked,
  changes: Change[],
): void => {
  const flights = inFlight.get(life) ?? new Map();
  inFlight.set(life, flights);
  for (const site of sitesIn(changes)) {
    const before = flights.get(site);
    if (before !== undefined && !before.listed) {
      observer.violate(
        '5',
        `${life.id} sent a second batch without having listed the zone since the first`,
        site,
      );
    }
    flights.set(site, { sentMs: asked.atMs, listed: false });
  }
};

const edited = (observer: Observer, { changes, before, after, atMs }: Applied): void => {
  for (const site of observer.chronicle.sites.values()) {
    const names = new Set([...(site.left?.names ?? []), ...changes.map((c) => c.record.name)]);
    const own = [...names].filter(
      (name) =>
        name === site.name ||
        site.left?.names.includes(name) ||
        name.startsWith(`shop${site.name[3]}`) ||
        name === `alone-${site.name}`,
    );
    if (contentOf(site.name, own, before) === contentOf(site.name, own, after)) continue;
    site.editedMs = atMs;
    observer.note(`a person edited ${site.name}`);
    if (roleIn(site.name, before)?.epoch !== roleIn(site.name, after)?.epoch)
      forgetUntellable(observer, site.name, atMs);
  }
};

const written = (observer: Observer, applied: Applied): void => {
  const { chronicle } = observer;
  for (const write of writesOf(applied)) {
    const site = chronicle.sites.get(write.site.name) as SiteChronicle;
    observer.note(traceOf(write));
    for (const invariant of INVARIANTS) {
      const text = invariant.broken(chronicle, site, write);
      if (text !== undefined)
        observer.violate(`${invariant.number}`, `${traceOf(write)}\n${text}`, site.name);
    }
    site.writes.push(write);
    if (write.by === 'controller' && changesAnswers(write)) {
      observer.counts.switches += 1;
      if (movedByItself(chronicle, site, write)) site.moves.push(write);
      oweSwitch(observer, write);
    }
    site.left = leftBy(site, write);
    site.everLeft.add(site.left.content);
  }
};

/** A batch that swaps the role record alone leaves a person's edit of the others what it is: an edit. */
const leftBy = (site: SiteChronicle, write: Write): NonNullable<SiteChronicle['left']> => {
  const { applied } = write;
  const isWayOut = site.orders.some(
    (o) => o.life === write.life && (o.action === 'adopt' || o.action === 'put-back'),
  );
  const content = contentOf(site.name, write.site.names, applied.after);
  const isRole = (line: string) => line.startsWith('_switchover.');
  const { left } = site;
  // A person may have undone an edit by hand, record by record.
  const isOurs = site.everLeft.has(contentOf(site.name, write.site.names, applied.before));
  if (
    left !== undefined &&
    !isOurs &&
    !isWayOut &&
    !changesAnswers(write) &&
    write.roleBefore !== undefined
  ) {
    const kept = left.content.split('\n').filter((line) => !isRole(line));
    const role = content.split('\n').filter(isRole);
    return { ...left, content: [...role, ...kept].sort().join('\n'), atMs: applied.atMs };
  }
  return { content, names: write.site.names, atMs: applied.atMs };
};

const traceOf = ({ site, life, from, to, roleBefore, roleAfter, applied }: Write): string =>
  `${life.id} (clock ${life.skewMs / 1000} s) wrote ${site.name} ${from} -> ${to}, epoch ${roleBefore?.epoch} -> ${roleAfter?.epoch}, ` +
  `mode ${roleBefore?.mode} -> ${roleAfter?.mode} ${roleAfter?.pin ?? ''}, sent ${(applied.sent.atMs - applied.atMs) / 1000} s before`;

/** 3, the other way round: nobody is told of an edit where no person ever edited anything and no table was lost. */
const checkMail = (observer: Observer, plan: Plan, mail: Announcement, now: number): void => {
  const { chronicle } = observer;
  const site = chronicle.sites.get(mail.site);
  const refusal = observer.refusals.find((r) => r.isToldBy(mail) && !r.isVoid?.());
  if (refusal !== undefined)
    observer.violate('6', `people are told of an order that was refused: ${refusal.what}`, refusal.site);
  const falsehood = isFalseNews(chronicle, plan, mail);
  if (falsehood !== undefined)
    observer.violate('6', `people are told what is not so: ${falsehood}`, mail.site);
  const stopped = (t: Trouble) => t.kind === 'process' && t.how === 'freeze';
  // A process that was stopped since it read the table tells what was true then.
  const late = troubled(chronicle, stopped, now - 15 * 60_000, now);
  // What could never be stored is as good as lost.
  const firstMs = site?.writes[0]?.applied.atMs ?? now;
  const unstored = troubledThroughout(chronicle, onTable, firstMs, now);
  if (mail.kind === 'state-lost' && chronicle.tableLosses.length === 0 && !late && !unstored) {
    observer.violate('7', 'people are told that the stored state was lost, and it was not', mail.site);
  }
  if (mail.kind !== 'edited-by-hand' || site === undefined) return;
  const strange =
    plan.before.some((r) => r.name === site.name && r.values[0] === '192.0.2.99') ||
    plan.held?.[plan.config.sites.findIndex(({ name }) => name === site.name)] === STRANGE_INSTANCE;
  if (site.editedMs > Number.NEGATIVE_INFINITY || strange || chronicle.tableLosses.length > 0) return;
  observer.violate('3', `people are told of an edit that nobody made: ${mail.text.slice(0, 300)}`, site.name);
};
