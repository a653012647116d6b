import { clockTime } from '../base/time.ts';
import type { Decision } from './decide.ts';

/** A decision as one sentence, or two. */
export const explained = (decision: Decision): string =>
  decision.waits
    ? `it is due to move to ${decision.server}. It waits for the next interval, because as many sites as may (maxMoveShare) have moved by themselves in this one.`
    : sentences(decision);

/** What is decided and not yet done is due: people are told what has happened by the message of the move itself. */
const sentences = (decision: Decision): string =>
  ({
    pinned:
      decision.act === 'serve'
        ? `a person pinned this site to ${decision.server}, which is due to serve.`
        : 'a person pinned this site.',
    created: 'the first record is due to be created.',
    waiting: 'no record exists yet and no server is up; waiting for one.',
    adopted: 'the records found are due to be adopted as they are.',
    'edited-by-hand': 'the records are not as Switchover left them; it waits for a person.',
    held: 'a person holds this site; nothing moves by itself.',
    blind: 'fewer vantages than a quorum can see anything; nothing moves.',
    flapping: `it moved too often lately; it waits until ${clockTime(decision.waitUntilMs ?? 0)}.`,
    failover: `the site is due to move to ${decision.server}.`,
    recovered: `the site is due to move to ${decision.server}.`,
    'nowhere-better':
      decision.act === 'serve'
        ? `the site is due to move to the last resort, ${decision.server}.`
        : 'no other server is armed, so it stays where it is.',
    unsure: 'the health of what serves is not known, or it is no configured server; nothing moves.',
    failback: `the site is due to move back to ${decision.server}.`,
    pointed: `the site is due to move to ${decision.server}, as a person asked.`,
    refresh: 'the records are due to be rewritten as configured.',
    members:
      'the addresses of standbys that went down are due to leave, those of standbys that are up to join.',
    fine: 'all is well.',
  })[decision.reason];
