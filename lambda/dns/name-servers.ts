import { Fault } from '../core/base/fault.ts';
import { agrees, type Question, toldOf } from '../core/zone/dns-compare.ts';
import type { ZoneView } from '../core/zone/zone-view.ts';
import type { Clock, DnsEdge, DnsServer } from '../ports.ts';
import { delegated, type NameServer } from './delegation.ts';

/** What one server's answer means for what the zone lists; `said` is what it answers, or why it does not. */
export type Word = { word: 'agrees' | 'differs' | 'unknown'; said: string };

/** The name servers of the zones, asked directly. */
export type NameServers = {
  /** Those that the parent delegates to; when they cannot be found out, why. Asked again each minute. */
  of(zone: string): Promise<NameServer[] | { fault: string }>;
  ask(server: DnsServer, question: Question, view: ZoneView & { kind: 'ours' }): Promise<Word>;
};

/** The delegation is asked for again after this time, and sooner when it could not be found out. */
const KEPT_MS = 60_000;
const RETRY_MS = 10_000;

export const nameServers = (clock: Clock, dns: DnsEdge): NameServers => {
  const kept = new Map<string, { untilMs: number; found: Promise<NameServer[] | { fault: string }> }>();
  const find = async (zone: string): Promise<NameServer[] | { fault: string }> => {
    try {
      return await delegated(dns, zone);
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const entry = kept.get(zone);
      if (entry !== undefined) entry.untilMs = clock.steady() + RETRY_MS;
      return { fault: error.message };
    }
  };
  return {
    of: (zone) => {
      let entry = kept.get(zone);
      if (entry === undefined || entry.untilMs <= clock.steady()) {
        entry = { untilMs: clock.steady() + KEPT_MS, found: find(zone) };
        kept.set(zone, entry);
      }
      return entry.found;
    },
    ask: async (server, question, view) => {
      try {
        const answer = await dns.ask(server, question);
        return { word: agrees(question, answer, view), said: toldOf(question, answer) };
      } catch (error) {
        if (!(error instanceof Fault)) throw error;
        return { word: 'unknown', said: `nothing (${error.message})` };
      }
    },
  };
};
