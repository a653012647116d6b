import { besideIn } from '../alone.ts';
import { changesAnswers } from '../chronicle.ts';
import { notDown, notUp, probedAddresses, roundsBehind } from '../evidence.ts';
import { type Invariant, pinOf } from './invariant.ts';

/**
 * 1 and 4, with the lever `dual`. After a controller's batch that changes answers, the name of the primary alone holds the
 * serving server and nothing else, and nobody stands beside it but standbys. One that joined can have been up in a round behind
 * the batch. One that left while the serving server stayed can have been down, or is configured elsewhere; the serving one never
 * leaves.
 */
export const besideOnEvidence: Invariant = {
  number: 1,
  says: 'standbys join and leave on evidence, and the serving server stays in the set',
  broken: (chronicle, _, write) => {
    const { site, life, applied, before, after, from, to } = write;
    if (site.dual === undefined || write.by !== 'controller' || !changesAnswers(write)) return undefined;
    const serving = site.servers.find((s) => s.name === to);
    if (serving === undefined) return undefined;
    const alone = after.filter((r) => r.name === site.dual?.primaryName).flatMap((r) => r.values);
    if ([...alone].sort().join() !== [...serving.ipv4, ...serving.ipv6].sort().join())
      return `the name of the primary alone holds ${alone}, and ${to} serves`;
    const [stood, stand] = [besideIn(site, from, before), besideIn(site, to, after)];
    const known = site.servers.flatMap((s) =>
      s === serving || stand.includes(s) ? [...s.ipv4, ...s.ipv6] : [],
    );
    const strange = after.flatMap((r) => r.values).filter((value) => !known.includes(value));
    if (strange.length > 0) return `the set holds ${strange}, which is neither ${to} nor a standby`;
    const rounds = roundsBehind(chronicle, life, applied.sent, site);
    // A pin is carried out on no evidence of its own, however old the last round is; what is up then was stored, and is fresh for longer.
    if (rounds.length === 0 && pinOf(write) === to) return undefined;
    const joined = stand.filter((s) => !stood.includes(s) && s.name !== from);
    const left = from === to ? stood.filter((s) => !stand.includes(s)) : [];
    for (const server of joined) {
      const why = rounds.map((round) => notUp(chronicle, round, site, probedAddresses(server)));
      if (why.every((text) => text !== undefined)) return `${server.name} joined: ${why.join('; or ')}`;
    }
    for (const server of left) {
      const why = rounds.map((round) => notDown(chronicle, round, site, probedAddresses(server)));
      if (why.every((text) => text !== undefined)) return `${server.name} left: ${why.join('; or ')}`;
    }
    return undefined;
  },
};
