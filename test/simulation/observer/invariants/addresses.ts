import type { Trouble } from '../../world/troubles.ts';
import { carriedMs, holderName } from '../addresses.ts';
import { troubled } from '../chronicle.ts';
import { type Invariant, onTable, pinOf } from './invariant.ts';

/** The zone and EC2 are asked before each batch, and what was asked before that is over by then. */
const SOON_MS = 30_000;

/**
 * 3. An address that a person gave to somebody else, after the site had answered with the server that the role record names, is an
 * edit like one of a record: no controller names another server to have it.
 */
export const addressEditsStand: Invariant = {
  number: 3,
  says: 'an address that a person moved stays there',
  broken: (chronicle, record, write) => {
    const { site, life, applied, from, to, roleBefore } = write;
    const given = record.moved.at(-1);
    if (write.by !== 'controller' || from === to || roleBefore === undefined) return undefined;
    if (given?.author.by !== 'person' || given.to === 'nobody' || pinOf(write) === to) return undefined;
    if (holderName(site, given.to) === from || applied.sent.atMs - given.atMs < SOON_MS) return undefined;
    const answeredAs = carriedMs(chronicle, record, roleBefore);
    if (answeredAs === undefined || answeredAs > given.atMs || answeredAs > life.bornMs) return undefined;
    if (chronicle.tableLosses.length > 0 || troubled(chronicle, onTable, answeredAs, applied.atMs))
      return undefined;
    // What EC2 did not tell nobody can know, and who was stopped goes on with what he knew.
    const hides = (t: Trouble) => t.kind === 'process' || (t.kind === 'edge' && t.edge === 'addresses');
    if (troubled(chronicle, hides, given.atMs - 11 * 60_000, applied.sent.atMs)) return undefined;
    return `a person gave the address to ${holderName(site, given.to)}, and ${to} is named to have it`;
  },
};
