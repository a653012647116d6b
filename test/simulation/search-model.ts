import { createHash } from 'node:crypto';
import type { FaultCode } from '../../lambda/core/base/fault.ts';
import type { Command } from '../../lambda/core/orders/command.ts';
import type { Change } from '../../lambda/core/zone/records.ts';
import { type Request, replay, type Turn, type Verdicts, type Work } from './search-process.ts';
import type { Sender, Small } from './search-shape.ts';
import { land, spend } from './search-world.ts';

/*
 * A small world and everything that can happen in it next. One site, two servers, three vantages, two controllers, one person.
 *
 * Each step is one call to the outside, with its effect and its answer in one: a call that took effect and whose answer is
 * slow cannot be told from one whose caller is slow to go on, and that is another interleaving. Only a change whose answer is
 * lost can take effect later than that.
 *
 * Left out: thresholds, the pace of rounds and staleness (a verdict is a health at once), the baton (both controllers go on for
 * ever, which is more than it allows), PENDING, the history, refusals for want of permission, and the topic's own troubles.
 * Damping and expiry are as they are and hardly reached: time stands still but for the steps `twenty seconds pass`.
 */

export type Step = { label: string; next: Small; problem?: string };

const WAIT_MS = 20_000;
const EDIT = '203.0.113.66';

export const PARTIES = ['first', 'second', 'hand'] as const;
type Name = (typeof PARTIES)[number];

const digests = new WeakMap<object, string>();
/** A digest long enough that two texts never share one by accident; the texts themselves would fill the memory. */
export const digestOf = (value: object): string => {
  let digest = digests.get(value);
  if (digest === undefined) {
    digest = createHash('sha1').update(JSON.stringify(value)).digest('base64');
    digests.set(value, digest);
  }
  return digest;
};

const turns = new Map<string, Promise<Turn>>();
/** The same work with the same answers comes to the same: it is run once. */
const turnOf = (work: Work): Promise<Turn> => {
  let turn = turns.get(work.key);
  if (turn === undefined) {
    turn = replay(work);
    turns.set(work.key, turn);
  }
  return turn;
};

/** What people are told of an order, by order. */
const ORDERED: Record<string, string> = {
  hold: 'held until',
  pin: 'pinned to',
  release: 'released',
  adopt: 'edit adopted',
  'put-back': 'edit put back',
};

/** Lets work that needs no further answer come to its end. */
const goOn = async (world: Small, name: Name, work: Work): Promise<Small> => {
  const turn = await turnOf(work);
  if ('request' in turn) return { ...world, [name]: { at: 'work', work } };
  const { told, outcome, memory } = turn;
  const watcher = { ...world.watcher };
  for (const { kind, subject, text } of told) {
    const epoch = Number(/epoch (\d+)/.exec(text)?.[1]);
    const tells = (move: { epoch: number; to: string }) =>
      subject.includes(move.to) && (kind === 'found' ? epoch >= move.epoch : epoch === move.epoch);
    watcher.untold = watcher.untold.filter((move) => !tells(move));
    const said =
      kind === 'hand' ? Object.keys(ORDERED).find((o) => subject.includes(`: ${ORDERED[o]}`)) : undefined;
    if (said === undefined) continue;
    watcher.unsaid = watcher.unsaid.filter((order) => order !== said);
    watcher.said = [...new Set([...watcher.said, said])].sort();
  }
  if (outcome?.ok && work.order !== undefined) {
    if (!watcher.said.includes(work.order)) watcher.unsaid = [...watcher.unsaid, work.order];
    const inForce = !/not yet in DNS|repeats the write/.test(outcome.message);
    if (work.order === 'hold' && inForce) watcher.held = true;
  }
  return { ...world, watcher, [name]: memory === undefined ? { at: 'away' } : { at: 'rest', memory } };
};

export const begin = (world: Small, name: Name, what: Work['what'], order?: Command['action']) => {
  const party = world[name];
  const began = {
    what,
    nonce: `${name}-${world.left.rounds}`,
    nowMs: world.nowMs,
    ...(party.at === 'rest' ? { memory: party.memory } : {}),
    verdicts: world.verdicts,
    ...(order === undefined ? {} : { order }),
  };
  return goOn(world, name, { ...began, key: digestOf(began), answers: [] });
};

/** What answers a call: a record of the world, which is digested once however often it is read. */
type Reply = { value?: object; fault?: FaultCode };

const answered = (world: Small, name: Name, work: Work, { value, fault }: Reply): Promise<Small> => {
  const { nowMs } = world;
  const answer = { nowMs, ...(fault === undefined ? { value } : { fault }) };
  const key = digestOf([work.key, nowMs, fault ?? digestOf(value ?? [])]);
  return goOn(world, name, { ...work, key, answers: [...work.answers, answer] });
};

const senderOf = (name: Name, { order, verdicts }: Work): Sender =>
  name === 'hand' ? { order: order ?? 'hold' } : { verdicts };

/** All that can become of the call that `name` waits for. */
const callsOf = async (world: Small, name: Name, work: Work, request: Request): Promise<Step[]> => {
  const step = async (label: string, next: Small, answer: Reply, problem?: string) => ({
    label: `${name} ${work.order ?? work.what}: ${label}`,
    next: await answered(next, name, work, answer),
    ...(problem === undefined ? {} : { problem }),
  });
  const { stored, zone, left } = world;
  if (request.op === 'list') return [await step('lists the zone', world, { value: zone })];
  if (request.op === 'load') {
    return [await step(`loads version ${stored?.version ?? 0}`, world, { value: stored ?? {} })];
  }
  if (request.op === 'save') {
    const { text, version } = request;
    const conflict = (stored?.version ?? 0) !== version;
    if (conflict) return [await step('saves: conflict', world, { fault: 'conflict' })];
    const next = { ...world, stored: { text, version: version + 1 } };
    const steps = [await step(`saves version ${version + 1}`, next, { value: next.stored })];
    if (left.lost > 0) {
      const lost = { fault: 'lost' } as const;
      steps.push(await step('saves, answer lost', spend(next, 'lost'), lost));
      steps.push(await step('save is lost', spend(world, 'lost'), lost));
    }
    return steps;
  }
  const sent = { changes: request.changes, comment: request.comment, by: senderOf(name, work) };
  const done = land(world, sent);
  const says = `sends "${request.comment}" ${roleIn(request.changes)}`;
  const steps =
    done === undefined
      ? [await step(`${says}: refused`, world, { fault: 'refused' })]
      : [await step(`${says}: done`, done.next, { value: { changeId: 'C1' } }, done.problem)];
  if (left.lost > 0) {
    const lost = { fault: 'lost' } as const;
    if (done !== undefined)
      steps.push(await step(`${says}: done, answer lost`, spend(done.next, 'lost'), lost, done.problem));
    const late = { ...world, flights: [...world.flights, sent] };
    steps.push(await step(`${says}: no answer, may come in later`, spend(late, 'lost'), lost));
  }
  return steps;
};

const roleIn = (changes: Change[]): string =>
  /epoch=\d+ serving=\S+ mode=\S+/.exec(
    changes.findLast((c) => c.record.type === 'TXT')?.record.values[0] ?? '',
  )?.[0] ?? '';

const VERDICTS = ['passed', 'failed', 'none'] as const;
/** The world with the servers as they are, or turned. Nobody looks at them but a round that begins, so they turn only then. */
const turned = (world: Small): (Verdicts & { next: Small })[] =>
  VERDICTS.flatMap((primary) =>
    VERDICTS.flatMap((standby) => {
      const { verdicts, left } = world;
      const turns = Number(primary !== verdicts.primary) + Number(standby !== verdicts.standby);
      if (turns > left.flips) return [];
      const next =
        turns === 0
          ? world
          : { ...world, verdicts: { primary, standby }, left: { ...left, flips: left.flips - turns } };
      return [{ primary, standby, next }];
    }),
  );

/** What can become of one party next. */
export const partySteps = async (world: Small, name: Name): Promise<Step[]> => {
  const party = world[name];
  const { left } = world;
  const steps: Step[] = [];
  if (party.at === 'work') {
    const turn = await turnOf(party.work);
    if (!('request' in turn)) throw new Error('Work that is done was not taken note of.');
    steps.push(...(await callsOf(world, name, party.work, turn.request)));
    if (turn.request.op === 'change' && left.crashes > 0) {
      const sent = { ...turn.request, by: senderOf(name, party.work) };
      const flights = [...world.flights, { changes: sent.changes, comment: sent.comment, by: sent.by }];
      const next = spend({ ...world, flights, [name]: { at: 'away' } }, 'crashes');
      steps.push({ label: `${name} dies, its batch may come in later`, next });
    }
  }
  if (party.at !== 'away' && left.crashes > 0) {
    steps.push({ label: `${name} dies`, next: spend({ ...world, [name]: { at: 'away' } }, 'crashes') });
  }
  if (name === 'hand') return steps;
  if (party.at === 'away' && left.rounds > 0) {
    steps.push({ label: `${name} starts`, next: await begin(world, name, 'start') });
  }
  if (party.at !== 'rest') return steps;
  if (left.rounds > 0) {
    for (const { primary, standby, next } of turned(world)) {
      const label = `${name} begins a round, primary ${primary}, standby ${standby}`;
      steps.push({ label, next: await begin(spend(next, 'rounds'), name, 'round') });
    }
  }
  if (/"owed":\[\{/.test(party.memory)) {
    steps.push({ label: `${name} tells`, next: await begin(world, name, 'tell') });
  }
  return steps;
};

const ordersIn = ({ watcher, stored, zone }: Small): Command['action'][] => {
  if (watcher.edited !== undefined) return ['hold', 'adopt', 'put-back'];
  const isAuto = !`${stored?.text}${JSON.stringify(zone)}`.match(/held|pinned/);
  return isAuto ? ['hold', 'pin'] : ['release'];
};

const personSteps = async (world: Small): Promise<Step[]> => {
  const { left, watcher, hand, zone } = world;
  const steps: Step[] = [];
  if (left.orders > 0 && hand.at === 'away') {
    for (const order of ordersIn(world)) {
      const { held: _, ...ended } = watcher;
      const next = { ...spend(world, 'orders'), watcher: order === 'hold' ? watcher : ended };
      steps.push({ label: `a person orders ${order}`, next: await begin(next, 'hand', 'hand', order) });
    }
  }
  const a = zone.find((r) => r.type === 'A');
  if (left.edits > 0 && a !== undefined) {
    const { edited, ...rest } = watcher;
    const record = edited ?? { ...a, values: [EDIT] };
    const next: Small = {
      ...spend(world, 'edits'),
      zone: zone.map((r) => (r.type === 'A' ? record : r)),
      watcher: edited === undefined ? { ...rest, edited: a } : rest,
    };
    if (edited !== undefined || a.values[0] !== EDIT) {
      steps.push({ label: edited === undefined ? 'a person edits A' : 'a person sets A back', next });
    }
  }
  return steps;
};

/** Everything that can happen next. */
export const stepsOf = async (world: Small): Promise<Step[]> => {
  const steps: Step[] = [];
  for (const name of PARTIES) steps.push(...(await partySteps(world, name)));
  steps.push(...(await personSteps(world)));
  world.flights.forEach((sent, at) => {
    const done = land({ ...world, flights: world.flights.toSpliced(at, 1) }, sent);
    if (done !== undefined) steps.push({ label: `the late batch "${sent.comment}" comes in`, ...done });
  });
  if (world.left.waits > 0) {
    const next = spend({ ...world, nowMs: world.nowMs + WAIT_MS }, 'waits');
    steps.push({ label: 'twenty seconds pass', next });
  }
  return steps;
};
