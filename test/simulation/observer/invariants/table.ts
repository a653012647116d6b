import type { Trouble } from '../../world/troubles.ts';
import { changesAnswers } from '../chronicle.ts';
import { notDown, roundsBehind, servingAddresses } from '../evidence.ts';
import type { Invariant } from './invariant.ts';

const SECOND = 1000;

/**
 * 7. While the state table takes no writes, a controller moves visitors only away from a server that can have been down, and only
 * when the role record says auto.
 */
export const withoutTable: Invariant = {
  number: 7,
  says: 'with the state table away a failover is made, and nothing else',
  broken: (chronicle, _, write) => {
    const { life, applied, from, to, site, before, roleBefore } = write;
    if (write.by !== 'controller' || !changesAnswers(write)) return undefined;
    const fromMs = applied.sent.atMs - 40 * SECOND;
    const away = chronicle.episodes.some(
      ({ trouble, ...e }) =>
        refusesSaves(trouble) &&
        chronicle.startMs + e.fromMs <= fromMs &&
        chronicle.startMs + e.toMs >= applied.sent.atMs,
    );
    if (!away) return undefined;
    const old = site.servers.find((s) => s.name === from);
    if (old === undefined || from === to) return `${from} -> ${to} is no failover`;
    if (roleBefore?.mode !== 'auto' && (roleBefore?.untilMs ?? 0) > applied.sent.clockMs)
      return 'the mode was not auto';
    if (from === site.lastResort) return undefined;
    const rounds = roundsBehind(chronicle, life, applied.sent, site);
    const why = rounds.map((round) => notDown(chronicle, round, site, servingAddresses(old, before)));
    return why.every((text) => text !== undefined) ? `${from} was not down: ${why[0]}` : undefined;
  },
};

const refusesSaves = (t: Trouble): boolean =>
  t.kind === 'table' ||
  (t.kind === 'edge' &&
    t.edge === 'store' &&
    t.chance === 1 &&
    t.only === undefined &&
    (t.calls === undefined || t.calls.includes('save')) &&
    ['lost', 'throttled', 'unavailable', 'denied'].includes(t.fate));
