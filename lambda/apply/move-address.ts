import { change } from '../book/change.ts';
import type { Watch, Watched } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import { evidenceOf } from '../core/evidence/evidence.ts';
import { verdictOn } from '../core/evidence/judge.ts';
import { enqueue } from '../core/state/outbox.ts';
import { isReminderDue } from '../core/state/reminders.ts';
import { modeInForce } from '../core/state/site-state.ts';
import { addressAnswers, addressLate, addressStep } from '../core/steps/address.ts';
import { holderOf, holderText, isUnderWay, SERVED } from '../core/zone/moved-address.ts';
import type { Role } from '../core/zone/role-record.ts';
import { logFault } from '../log/lines.ts';
import type { World } from '../ports.ts';
import { associationsOf } from '../zones/associations.ts';
import { listAgain } from '../zones/listing.ts';
import { EVIDENCE_SLACK_MS, PASSING_FAILURES_TOLD } from './send.ts';

/** What has not come about by then is told: a host asks for its role every 2 s, and an Elastic IP moves within seconds. */
const NOT_DONE_MS = 30_000;

/** Why the address is not where it should be yet; `now`: it is told at once. Nothing is told of what solves itself. */
type Step = 'held' | 'passing' | { why: string; now?: boolean };

const roleOf = ({ view }: Watched): Role | undefined => (view?.kind === 'ours' ? view.role : undefined);

/**
 * Brings the address of a site to the server that the role record names, and sees whether the site answers there. Whatever
 * fails is taken again at the next look, from what EC2 says then.
 */
export const moveAddress = async (world: World, watch: Watch, watched: Watched): Promise<void> => {
  const role = roleOf(watched);
  const { site, association, assessment } = watched;
  const lost = association !== undefined && association.associationId === undefined;
  if (role === undefined || assessment === undefined || watch.over) return;
  if (!site.servers.some(({ name }) => name === role.serving)) return;
  // Who was told that the address is not there is told when it is there again.
  if (!lost && !isUnderWay(site, watched.view, watched.state)) {
    delete watched.addressMove;
    return;
  }
  if (watched.addressMove?.sinceSeconds !== role.sinceSeconds) {
    watched.addressMove = { sinceSeconds: role.sinceSeconds, heldMs: 0, failed: 0 };
  }
  const outcome =
    site.readdress?.allocationId === undefined ? 'held' : await take(world, watch, watched, role);
  const nowMs = world.clock.now();
  if (outcome === 'passing') return;
  if (outcome !== 'held') return tellAddressLate(world, watched, role, outcome);
  const { addressMove } = watched;
  if (addressMove.heldMs === 0) addressMove.heldMs = nowMs;
  const look = assessment.look;
  // Only a look that began after that says anything about the new holder; without the store a new controller waits for its own.
  const isSince = look.startMs > addressMove.heldMs;
  const verdict = isSince ? verdictOn(look, SERVED, world.config.vantages.length) : 'none';
  if (verdict === 'passed') return done(world, watched, role);
  if (verdict === 'none' && nowMs - addressMove.heldMs < NOT_DONE_MS) return;
  tellAddressLate(world, watched, role, { why: `${site.host} does not answer at the address` });
};

/** Moves the Elastic IP if it is not where it should be. */
const take = async (world: World, watch: Watch, watched: Watched, before: Role): Promise<Step> => {
  const { site, assessment } = watched;
  const server = site.servers.find(({ name }) => name === before.serving);
  const { allocationId = '', region = world.config.homeRegion } = site.readdress ?? {};
  if (watched.association !== undefined && holderOf(site, watched.association) === before.serving)
    return 'held';
  // The role record must be ours still, and what is given up be what EC2 has seen last.
  if ((await listAgain(world, site.zone, [watched])) !== undefined)
    return { why: `the zone ${site.zone} cannot be read` };
  const role = roleOf(watched);
  const { association } = watched;
  if (role?.epoch !== before.epoch || watch.over) return 'passing';
  if (association === undefined) return { why: 'EC2 does not say where the address is' };
  if (holderOf(site, association) === role.serving) return 'held';
  const refusal = reasonNot(world, watched, role);
  if (refusal !== undefined) return { why: refusal, now: true };
  const ageMs = world.clock.now() - (assessment?.look.startMs ?? 0);
  if (ageMs > site.probe.timeoutSeconds * 1000 + EVIDENCE_SLACK_MS) return 'passing';
  const from = holderText(site, association);
  try {
    if (association.associationId !== undefined) {
      await world.addresses?.disassociate(region, association.associationId);
    }
    // From here on nobody has it, and to leave it so helps nobody: this is sent even if a successor has begun.
    await world.addresses?.associate(region, allocationId, server?.holder ?? '');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return failed(world, watched, error);
  }
  const found = (await associationsOf(world, [site])).get(site);
  if (found !== undefined) watched.association = found;
  const at = found === undefined ? undefined : holderOf(site, found);
  const text = `the address ${site.readdress?.address} was moved from ${from} to ${server?.name} (${server?.holder}), epoch ${role.epoch}`;
  noteOf(world, watched, 'written', text);
  world.log({ event: 'note', message: `${site.name}: ${text}.`, at: isoTime(world.clock.now()) });
  if (at === role.serving) return 'held';
  return found === undefined
    ? 'passing'
    : { why: `EC2 took the change, and says that ${holderText(site, found)} holds it` };
};

/** Why the address is left where it is: nobody vouches for the server, or somebody else's hand is on the address. */
const reasonNot = (world: World, { site, state, assessment, association }: Watched, role: Role) => {
  const mode = modeInForce(role, state.override, world.clock.now());
  const byHand =
    (state.override?.epoch === role.epoch && state.override.serving === role.serving) ||
    (mode.mode === 'pinned' && mode.pin === role.serving);
  if (byHand) return undefined;
  if (mode.mode === 'held') return 'a person holds the site';
  if (association?.associationId !== undefined && holderOf(site, association) === undefined) {
    return `it is held by ${holderText(site, association)}, and nobody said to take it from there; "pin" says so`;
  }
  const health = assessment?.facts.healths[role.serving] ?? 'unknown';
  const good = health === 'up' || assessment?.facts.verdicts[role.serving] === 'passed';
  return good ? undefined : `${role.serving} is ${health}`;
};

const noteOf = (world: World, watched: Watched, what: 'written' | 'refused', text: string): void =>
  change(watched, addressStep(what, text, world.clock.now()));

/** Somebody was quicker, or EC2 does not let us: what became of it is seen in the next round. */
const failed = (world: World, watched: Watched, fault: Fault): Step => {
  logFault(world, 'address', fault, watched.site.name);
  noteOf(world, watched, 'refused', fault.message);
  const failures = (watched.addressMove?.failed ?? 0) + 1;
  if (watched.addressMove !== undefined) watched.addressMove.failed = failures;
  const passing = !['denied', 'refused', 'gone'].includes(fault.code);
  return { why: fault.message, now: !passing || failures >= PASSING_FAILURES_TOLD };
};

/** `why` may name times and ids; what stays the same of it is told once an hour. */
const tellAddressLate = (
  world: World,
  watched: Watched,
  role: Role,
  { why, now = false }: { why: string; now?: boolean },
): void => {
  const { site, state, assessment, version } = watched;
  const nowMs = world.clock.now();
  if (!now && nowMs - role.sinceSeconds * 1000 < NOT_DONE_MS) return;
  const { sinceSeconds } = role;
  const before = state.told.addressLate;
  // Told again hourly also while nothing can be stored: then this process remembers what it told, as far as it lives.
  const remembered = version === undefined ? (world.memory.get(`${site.name} not-moved`) ?? 0) : 0;
  const known = before?.sinceSeconds === sinceSeconds ? before.atMs : undefined;
  const toldMs = known ?? (remembered >= sinceSeconds * 1000 ? remembered : undefined);
  if (!isReminderDue(toldMs, nowMs)) return;
  if (assessment === undefined) return;
  const evidence = evidenceOf(site, assessment.look);
  change(watched, addressLate(site, role, { why, evidence, atMs: nowMs }));
};

const done = (world: World, watched: Watched, role: Role): void => {
  const { site, version } = watched;
  const nowMs = world.clock.now();
  const text = `the site answers at ${site.readdress?.address}, which ${role.serving} is to have`;
  change(watched, addressAnswers(role));
  delete watched.addressMove;
  // Without the store every controller would find this out anew.
  if (version === undefined) return;
  noteOf(world, watched, 'written', text);
  const { serving, epoch, sinceSeconds } = role;
  const news = { type: 'address-answers', serving, epoch, sinceSeconds } as const;
  change(watched, (state) => enqueue(site, state, { kind: 'moved', news }, nowMs));
};
