import { assessedOf } from '../assess/assess.ts';
import { eachOf } from '../async/pool.ts';
import { stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { Fault } from '../core/base/fault.ts';
import type { Site } from '../core/site/site.ts';
import { type Heard, lastOf } from '../core/state/propagation.ts';
import { follow } from '../core/steps/follow.ts';
import { agrees, roleQuestion, setQuestions } from '../core/zone/dns-compare.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import { serverOf } from '../edge/dns.ts';
import type { DnsEdge, DnsServer } from '../ports.ts';
import { editOf, listedOf } from '../zones/listing.ts';
import type { NameServers, Word } from './name-servers.ts';
import type { Asking } from './ports.ts';

type Ours = ZoneView & { kind: 'ours' };

/** One server that has not yet answered a site's write. */
type Item = {
  site: Site;
  view: Ours;
  name: string;
  server: DnsServer;
  resolver: boolean;
};

/**
 * Servers asked in one go, and side by side: a thousand sites that move together are followed over minutes, not at a
 * cost to rounds.
 */
const AT_A_TIME = 100;
const AT_ONCE = 20;

/** Follows what was written on its way to visitors. */
export type Following = {
  /** Asks whoever has not answered with it yet, and notes what was heard. */
  step(): Promise<void>;
};

/**
 * Finds out when what the zone lists is what visitors get: name servers first, then resolvers, then the host. What was
 * heard is kept here until it is noted, so that times are those of the answers and no round waits for any.
 */
export const following = (asking: Asking, names: NameServers, dns: DnsEdge): Following => {
  const { book, clock, config, work } = asking;
  const heard = new Map<string, Heard>();
  let noting = false;
  let turn = 0;

  const heardOf = (site: Site): Heard => {
    const key = `${site.name} ${stateOf(book, site).propagation?.epoch}`;
    const known = heard.get(key) ?? { saying: {} };
    heard.set(key, known);
    return known;
  };

  const ask = async ({ site, view, name, server, resolver }: Item): Promise<void> => {
    const known = heardOf(site);
    const times = resolver ? known.resolvers : known.servers;
    const other = resolver ? await askResolver(dns, server, view) : await askAll(names, site, server, view);
    if (times === undefined || work.over) return;
    const nowMs = clock.now();
    if (other === undefined) times[name] ??= nowMs;
    else known.saying[name] = other.said;
    if (other?.word === 'differs' && !resolver) known.missedMs = nowMs;
  };

  return {
    step: async () => {
      const pending = config.sites.filter((site) => stateOf(book, site).propagation !== undefined);
      if (pending.length === 0) return void heard.clear();
      const open = pending.map((site) => itemsOf(asking, names, site, heardOf(site)));
      const items = (await Promise.all(open)).flat();
      // In turn, so that one name server that does not answer keeps no other site waiting.
      const from = items.length <= AT_A_TIME ? 0 : turn % items.length;
      turn += AT_A_TIME;
      await eachOf(
        [...items.slice(from), ...items.slice(0, from)].slice(0, AT_A_TIME),
        AT_ONCE,
        async (item) => {
          if (!work.over) await ask(item);
        },
      );
      await eachOf(pending, AT_ONCE, (site) => followHost(dns, site, heardOf(site)));
      if (noting || work.over) return;
      noting = true;
      void work.begin(async () => {
        noting = false;
        const outbox = () => pending.reduce((sum, site) => sum + stateOf(book, site).outbox.length, 0);
        const before = outbox();
        await eachOf(pending, AT_ONCE, async (site) => {
          if (!work.over) await noteStep(asking, site, heardOf(site));
        });
        if (outbox() > before) book.tell.ring();
      });
    },
  };
};

/** Who is still to be asked for a site; the name servers first, and resolvers when all of them have it. */
const itemsOf = async (
  { book, config, listings }: Asking,
  names: NameServers,
  site: Site,
  known: Heard,
): Promise<Item[]> => {
  const { view } = listedOf(listings, site);
  const { propagation } = stateOf(book, site);
  if (view?.kind !== 'ours' || propagation === undefined || view.role.serving !== propagation.to) return [];
  const found = await names.of(site.zone);
  if ('fault' in found) {
    known.fault = found.fault;
    return [];
  }
  // One that the parent does not delegate to any more need not agree; one that is new must.
  known.servers = Object.fromEntries(
    found.map(({ name }) => [name, known.servers?.[name] ?? propagation.servers?.[name] ?? null]),
  );
  const open = (name: string, times: Heard['servers']) => times?.[name] === null;
  const of = (name: string, server: DnsServer, resolver: boolean): Item => ({
    site,
    view,
    name,
    server,
    resolver,
  });
  const waiting = found.filter(({ name }) => open(name, known.servers));
  if (lastOf(known.servers) === undefined) return waiting.map(({ name, server }) => of(name, server, false));
  const chosen = config.resolvers ?? [];
  known.resolvers = Object.fromEntries(
    chosen.map((name) => [name, known.resolvers?.[name] ?? propagation.resolvers?.[name] ?? null]),
  );
  return chosen.filter((name) => open(name, known.resolvers)).map((name) => of(name, serverOf(name), true));
};

/**
 * What the server answers otherwise, or undefined when it answers with all of it. The role record first: it changes
 * with every write.
 */
const askAll = async (
  names: NameServers,
  site: Site,
  server: DnsServer,
  view: Ours,
): Promise<Word | undefined> => {
  for (const question of [roleQuestion(site), ...setQuestions(view)]) {
    const answer = await names.ask(server, question, view);
    if (answer.word !== 'agrees') return answer;
  }
  return undefined;
};

/**
 * The same of a resolver, for the set alone: what it answers is not its own, and nobody but gates asks it for role
 * records.
 */
const askResolver = async (dns: DnsEdge, server: DnsServer, view: Ours): Promise<Word | undefined> => {
  for (const question of setQuestions(view)) {
    try {
      const answer = await dns.ask(server, { ...question, recursion: true });
      const word = agrees(question, { ...answer, authoritative: true }, view);
      if (word !== 'agrees') return { word, said: 'the old answer' };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      return { word: 'unknown', said: 'nothing' };
    }
  }
  return undefined;
};

/**
 * Whether a host that is none of the site's names leads to one, by what the resolver says; asked once all name servers
 * have it.
 */
const followHost = async (dns: DnsEdge, site: Site, known: Heard): Promise<void> => {
  if (site.names.includes(site.host) || known.hostLeads || lastOf(known.servers) === undefined) return;
  const [resolver] = dns.resolvers;
  if (resolver === undefined) return;
  try {
    const question = { name: site.host, type: 'A', recursion: true } as const;
    const { rcode, answers } = await dns.ask(resolver, question);
    // A resolver that refuses or fails says nothing of the host.
    if (rcode !== 'NOERROR' && rcode !== 'NXDOMAIN') return;
    known.hostLeads = answers.some((r) => r.type === 'CNAME' && site.names.includes(r.value));
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
  }
};

const noteStep = async (asking: Asking, site: Site, heard: Heard): Promise<void> => {
  const { assessments, book, clock, config, listings } = asking;
  const before = stateOf(book, site);
  const known = {
    view: listedOf(listings, site).view,
    edited: editOf(listings, site)?.confirmed ?? false,
    look: assessedOf(assessments, site).lastLook,
    heard,
    nowMs: clock.now(),
    config,
  };
  change(book, site, (state) => follow(site, state, known));
  if (stateOf(book, site) === before) return;
  await save(book, site);
};
