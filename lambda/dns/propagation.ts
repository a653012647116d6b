import { eachOf } from '../async/pool.ts';
import { change } from '../book/change.ts';
import { save } from '../book/table.ts';
import { begin, type Watch, type Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { type Heard, lastOf } from '../core/state/propagation.ts';
import { prove } from '../core/steps/prove.ts';
import { agrees, roleQuestion, setQuestions } from '../core/zone/dns-compare.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import { serverOf } from '../edge/dns.ts';
import type { DnsEdge, DnsServer, World } from '../ports.ts';
import type { NameServers, Word } from './name-servers.ts';

type Ours = ZoneView & { kind: 'ours' };

/** One server that has not yet answered a site's write. */
type Item = {
  watched: Watched;
  view: Ours;
  name: string;
  server: DnsServer;
  resolver: boolean;
};

/** Servers asked in one go, and side by side: a thousand sites that move together are proven over minutes, not at a cost to rounds. */
const AT_A_TIME = 100;
const AT_ONCE = 20;

/** What was heard of the proofs under way, since states may only be changed between rounds. */
export type Proving = {
  /** Asks whoever has not answered yet, and notes what was heard. */
  step(): Promise<void>;
};

/**
 * Proves what the zone lists to be what visitors get: name servers first, then resolvers, then the host. What was heard waits
 * here until the state may be changed, so that times are those of the answers and no round waits for any.
 */
export const proving = (world: World, watch: Watch, names: NameServers, dns: DnsEdge): Proving => {
  const heard = new Map<string, Heard>();
  let noting = false;
  let turn = 0;

  const heardOf = ({ site, state }: Watched): Heard => {
    const key = `${site.name} ${state.propagation?.epoch}`;
    const known = heard.get(key) ?? { saying: {} };
    heard.set(key, known);
    return known;
  };

  const ask = async ({ watched, view, name, server, resolver }: Item): Promise<void> => {
    const known = heardOf(watched);
    const times = resolver ? known.resolvers : known.servers;
    const other = resolver
      ? await askResolver(dns, server, view)
      : await askAll(names, watched, server, view);
    if (times === undefined || watch.over) return;
    const nowMs = world.clock.now();
    if (other === undefined) times[name] ??= nowMs;
    else known.saying[name] = other.said;
    if (other?.word === 'differs' && !resolver) known.missedMs = nowMs;
  };

  return {
    step: async () => {
      const pending = watch.sites.filter((w) => w.state.propagation !== undefined);
      if (pending.length === 0) return void heard.clear();
      const open = pending.map((watched) => itemsOf(world, names, watched, heardOf(watched)));
      const items = (await Promise.all(open)).flat();
      // In turn, so that one name server that does not answer keeps no other site's proof waiting.
      const from = items.length <= AT_A_TIME ? 0 : turn % items.length;
      turn += AT_A_TIME;
      await eachOf(
        [...items.slice(from), ...items.slice(0, from)].slice(0, AT_A_TIME),
        AT_ONCE,
        async (item) => {
          if (!watch.over) await ask(item);
        },
      );
      await eachOf(pending, AT_ONCE, (watched) => followHost(dns, watched, heardOf(watched)));
      if (noting || watch.over) return;
      noting = true;
      void begin(world, watch, async () => {
        noting = false;
        const outbox = () => pending.reduce((sum, { state }) => sum + state.outbox.length, 0);
        const before = outbox();
        await eachOf(pending, AT_ONCE, async (watched) => {
          if (!watch.over) await noteStep(world, watch, watched, heardOf(watched));
        });
        if (outbox() > before) watch.tell?.();
      });
    },
  };
};

/** Who is still to be asked for a site; the name servers first, and resolvers when all of them have it. */
const itemsOf = async (world: World, names: NameServers, watched: Watched, known: Heard): Promise<Item[]> => {
  const { view, state, site } = watched;
  const { propagation } = state;
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
    watched,
    view,
    name,
    server,
    resolver,
  });
  const waiting = found.filter(({ name }) => open(name, known.servers));
  if (lastOf(known.servers) === undefined) return waiting.map(({ name, server }) => of(name, server, false));
  const chosen = world.config.resolvers ?? [];
  known.resolvers = Object.fromEntries(
    chosen.map((name) => [name, known.resolvers?.[name] ?? propagation.resolvers?.[name] ?? null]),
  );
  return chosen.filter((name) => open(name, known.resolvers)).map((name) => of(name, serverOf(name), true));
};

/** What the server answers otherwise, or undefined when it answers with all of it. The role record first: it changes with every write. */
const askAll = async (
  names: NameServers,
  { site }: Watched,
  server: DnsServer,
  view: Ours,
): Promise<Word | undefined> => {
  for (const question of [roleQuestion(site), ...setQuestions(view)]) {
    const answer = await names.ask(server, question, view);
    if (answer.word !== 'agrees') return answer;
  }
  return undefined;
};

/** The same of a resolver, for the set alone: what it answers is not its own, and nobody but gates asks it for role records. */
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

/** Whether a host that is none of the site's names leads to one, by what the resolver says; asked once all name servers have it. */
const followHost = async (dns: DnsEdge, { site }: Watched, known: Heard): Promise<void> => {
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

const noteStep = async (world: World, watch: Watch, watched: Watched, heard: Heard): Promise<void> => {
  const before = watched.state;
  const known = {
    view: watched.view,
    edited: watched.editSeen?.confirmed ?? false,
    look: watched.lastLook,
    heard,
    nowMs: world.clock.now(),
    config: world.config,
  };
  change(watched, (state) => prove(watched.site, state, known));
  // Most steps change nothing, and looking for that in a whole state would cost more than the step.
  if (JSON.stringify(watched.state.propagation) === JSON.stringify(before.propagation)) return;
  await save(world, watch, watched);
};
