import type { Outcome } from '../lambda/core/probe/request.ts';
import { parseRole, roleRecordName } from '../lambda/core/zone/role-record.ts';
import { serverText } from '../lambda/edge/dns.ts';
import type { Dns, DnsServer } from '../lambda/ports.ts';
import type { View } from './answer.ts';
import { afterReading, isFresh, type Known, type Read, serverToTry, viewOf } from './view.ts';

/** A line of a gate's log. */
export type Say = (line: { event: string; message: string } & Record<string, unknown>) => void;

export type RoleWatchOptions = {
  site: string;
  /** Names of the site's servers, preferred first, and which of them this one is. */
  servers: string[];
  me: string;
  dns: Dns;
  /** The zone's name servers, found anew at each call; the last ones are kept when none can be found. */
  nameServers: () => Promise<DnsServer[]>;
  /** Probes a server as a prober would. */
  tryServer: (server: string) => Promise<Outcome>;
  /** How long a role is kept when nobody answers, milliseconds. */
  keepMs: number;
  now: () => number;
  say: Say;
};

export type RoleWatch = {
  view(): View;
  /** Asks once more; never rejects. */
  look(): Promise<void>;
};

/** One question; a name server that does not answer must not keep the gate from asking the next. */
const ASK_MS = 1000;
/** Name servers move once in years; they are found anew when none of them answers, and this often. */
const FIND_EVERY_MS = 3_600_000;
/** Epochs that were said to be ignored and are kept in mind, so that each is said once. */
const MOST_IGNORED = 100;

/** Keeps a gate's view of its own role. The first `look` decides before anything is answered. */
export const watchRole = (options: RoleWatchOptions): RoleWatch => {
  const { me, keepMs, now, say } = options;
  let known: Known = {};
  let nameServers: DnsServer[] = [];
  let foundMs = Number.NEGATIVE_INFINITY;
  let turn = 0;
  let view: View = 'stands-by';
  let told: string | undefined;
  const ignored = new Set<number>();

  const find = async (): Promise<void> => {
    try {
      const found = await options.nameServers();
      if (found.length > 0) nameServers = found;
      foundMs = now();
    } catch (error) {
      say({ event: 'name-servers', message: `The zone's name servers were not found: ${messageOf(error)}` });
    }
  };

  /** Asks one name server after the other, beginning with the next in turn, until one answers with a role record. */
  const ask = async (): Promise<{ read: Read } | { why: string }> => {
    if (nameServers.length === 0 || now() - foundMs > FIND_EVERY_MS) await find();
    let why = 'none of the zone’s name servers is known';
    for (let tries = 0; tries < nameServers.length; tries++) {
      const server = nameServers[turn++ % nameServers.length] as DnsServer;
      try {
        const answer = await options.dns.ask(
          server,
          { name: roleRecordName(options.site), type: 'TXT' },
          ASK_MS,
        );
        const texts = answer.answers.filter(({ type }) => type === 'TXT').map(({ value }) => value);
        const role = texts.length === 1 ? parseRole(texts[0] ?? '') : undefined;
        if (role !== undefined) return { read: { epoch: role.epoch, serving: role.serving, readMs: now() } };
        why = `${serverText(server)} answered ${answer.rcode} with ${texts.join(' ') || 'no role record'}`;
      } catch (error) {
        why = messageOf(error);
      }
    }
    foundMs = Number.NEGATIVE_INFINITY;
    return { why };
  };

  const tellView = (because: string): void => {
    const next = viewOf(me, known, now(), keepMs) ?? view;
    const line = `${next}, ${because}`;
    if (line !== told) {
      const what = next === 'serves' ? 'serves the site' : 'stands by and sends visitors on';
      say({ event: 'role', view: next, message: `${me} ${what}: ${because}.` });
    }
    told = line;
    view = next;
  };

  /** Each lower epoch is told once, since several name servers may be behind, each at one of its own. That of a name server which is behind for a moment is none to worry about, one that stays is. */
  const tellIgnored = (epoch: number | undefined): void => {
    if (epoch === undefined || ignored.has(epoch)) return;
    if (ignored.size >= MOST_IGNORED) ignored.clear();
    ignored.add(epoch);
    const message = `Epoch ${epoch} is ignored, until nobody has said epoch ${known.role?.epoch} for ${keepMs / 1000} s.`;
    say({ event: 'role', view, message });
  };

  return {
    view: () => view,
    look: async () => {
      const answer = await ask();
      if ('read' in answer) {
        const next = afterReading(known, answer.read, keepMs);
        tellIgnored(next === known ? answer.read.epoch : undefined);
        known = next;
        return tellView(`the role record of epoch ${known.role?.epoch} names ${known.role?.serving}`);
      }
      if (isFresh(known, now(), keepMs))
        return tellView(`nobody tells its role now, so it is kept for ${keepMs / 1000} s`);
      const server = serverToTry(me, options.servers, known);
      const tried = server === undefined ? 'unknown' : await options.tryServer(server);
      known = { ...known, tried };
      tellView(`nobody tells its role (${answer.why}), and ${server} ${FOUND[tried]}`);
    },
  };
};

const FOUND: Record<Outcome, string> = {
  passed: 'works',
  failed: 'does not work',
  unknown: 'could not be asked either',
};

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
