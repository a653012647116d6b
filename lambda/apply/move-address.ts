import { assessmentOf } from '../assess/assess.ts';
import { entryOf, stateOf } from '../book/book.ts';
import { change } from '../book/change.ts';
import { Fault } from '../core/base/fault.ts';
import { isoTime } from '../core/base/time.ts';
import { evidenceOf } from '../core/evidence/evidence.ts';
import { verdictOn } from '../core/evidence/judge.ts';
import type { Site } from '../core/site/site.ts';
import { enqueue } from '../core/state/outbox.ts';
import { isReminderDue, reminderKey } from '../core/state/reminders.ts';
import { modeInForce } from '../core/state/site-state.ts';
import { addressAnswers, addressLate, addressStep } from '../core/steps/address.ts';
import { holderOf, holderText, isUnderWay, SERVED } from '../core/zone/moved-address.ts';
import type { Role } from '../core/zone/role-record.ts';
import { logFault } from '../log/lines.ts';
import { associationsOf } from '../zones/associations.ts';
import { listAgain, listedOf, noteAssociation } from '../zones/listing.ts';
import { type Apply, gateOf } from './gate.ts';
import { EVIDENCE_SLACK_MS, PASSING_FAILURES_TOLD } from './send.ts';

/**
 * What has not come about by then is told: a host asks for its role every 2 s, and an Elastic IP moves within seconds.
 */
const NOT_DONE_MS = 30_000;

/** Why the address is not where it should be yet; `now`: it is told at once. Nothing is told of what solves itself. */
type Step = 'held' | 'passing' | { why: string; now?: boolean };

const roleOf = ({ listings }: Apply, site: Site): Role | undefined => {
  const { view } = listedOf(listings, site);
  return view?.kind === 'ours' ? view.role : undefined;
};

/**
 * Brings the address of a site to the server that the role record names, and sees whether the site answers there.
 * Whatever fails is taken again at the next look, from what EC2 says then.
 */
export const moveAddress = async (apply: Apply, site: Site): Promise<void> => {
  const { assessments, book, clock, config, listings, work } = apply;
  const role = roleOf(apply, site);
  const { association, view } = listedOf(listings, site);
  const assessment = assessmentOf(assessments, site);
  const gate = gateOf(apply, site);
  const lost = association !== undefined && association.associationId === undefined;
  if (role === undefined || assessment === undefined || work.over) return;
  if (!site.servers.some(({ name }) => name === role.serving)) return;
  // Who was told that the address is not there is told when it is there again.
  if (!lost && !isUnderWay(site, view, stateOf(book, site))) {
    delete gate.addressMove;
    return;
  }
  if (gate.addressMove?.sinceSeconds !== role.sinceSeconds) {
    gate.addressMove = { sinceSeconds: role.sinceSeconds, heldMs: 0, failed: 0 };
  }
  const outcome = site.readdress?.allocationId === undefined ? 'held' : await take(apply, site, role);
  const nowMs = clock.now();
  if (outcome === 'passing') return;
  if (outcome !== 'held') return tellAddressLate(apply, site, role, outcome);
  const { addressMove } = gate;
  if (addressMove.heldMs === 0) addressMove.heldMs = nowMs;
  const look = assessment.look;
  // Only a look that began after that says anything about the new holder; without the store a new controller waits for
  // its own.
  const isSince = look.startMs > addressMove.heldMs;
  const verdict = isSince ? verdictOn(look, SERVED, config.vantages.length) : 'none';
  if (verdict === 'passed') return done(apply, site, role);
  if (verdict === 'none' && nowMs - addressMove.heldMs < NOT_DONE_MS) return;
  tellAddressLate(apply, site, role, { why: `${site.host} does not answer at the address` });
};

/** Moves the Elastic IP if it is not where it should be. */
const take = async (apply: Apply, site: Site, before: Role): Promise<Step> => {
  const { clock, config, listings, log, work } = apply;
  const server = site.servers.find(({ name }) => name === before.serving);
  const { allocationId = '', region = config.homeRegion } = site.readdress ?? {};
  const held = listedOf(listings, site).association;
  if (held !== undefined && holderOf(site, held) === before.serving) return 'held';
  // The role record must be ours still, and what is given up be what EC2 has seen last.
  if ((await listAgain(listings, site.zone, [site])) !== undefined)
    return { why: `the zone ${site.zone} cannot be read` };
  const role = roleOf(apply, site);
  const { association } = listedOf(listings, site);
  if (role?.epoch !== before.epoch || work.over) return 'passing';
  if (association === undefined) return { why: 'EC2 does not say where the address is' };
  if (holderOf(site, association) === role.serving) return 'held';
  const refusal = reasonNot(apply, site, role);
  if (refusal !== undefined) return { why: refusal, now: true };
  const ageMs = clock.now() - (assessmentOf(apply.assessments, site)?.look.startMs ?? 0);
  if (ageMs > site.probe.timeoutSeconds * 1000 + EVIDENCE_SLACK_MS) return 'passing';
  const from = holderText(site, association);
  try {
    if (association.associationId !== undefined) {
      await apply.addresses?.disassociate(region, association.associationId);
    }
    // From here on nobody has it, and to leave it so helps nobody: this is sent even if a successor has begun.
    await apply.addresses?.associate(region, allocationId, server?.holder ?? '');
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    return failed(apply, site, error);
  }
  const found = (await associationsOf(listings, [site])).get(site);
  if (found !== undefined) noteAssociation(listings, site, found);
  const at = found === undefined ? undefined : holderOf(site, found);
  const text = `the address ${site.readdress?.address} was moved from ${from} to ${server?.name} (${server?.holder}), epoch ${role.epoch}`;
  noteOf(apply, site, 'written', text);
  log({ event: 'note', message: `${site.name}: ${text}.`, at: isoTime(clock.now()) });
  if (at === role.serving) return 'held';
  return found === undefined
    ? 'passing'
    : { why: `EC2 took the change, and says that ${holderText(site, found)} holds it` };
};

/** Why the address is left where it is: nobody vouches for the server, or somebody else has taken the address. */
const reasonNot = ({ assessments, book, clock, listings }: Apply, site: Site, role: Role) => {
  const { override } = stateOf(book, site);
  const { association } = listedOf(listings, site);
  const assessment = assessmentOf(assessments, site);
  const mode = modeInForce(role, override, clock.now());
  const byHand =
    (override?.epoch === role.epoch && override.serving === role.serving) ||
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

const noteOf = ({ book, clock }: Apply, site: Site, what: 'written' | 'refused', text: string): void =>
  change(book, site, addressStep(what, text, clock.now()));

/** Somebody was quicker, or EC2 does not let us: what became of it is seen in the next round. */
const failed = (apply: Apply, site: Site, fault: Fault): Step => {
  logFault(apply, 'address', fault, site.name);
  noteOf(apply, site, 'refused', fault.message);
  const { addressMove } = gateOf(apply, site);
  const failures = (addressMove?.failed ?? 0) + 1;
  if (addressMove !== undefined) addressMove.failed = failures;
  const passing = !['denied', 'refused', 'gone'].includes(fault.code);
  return { why: fault.message, now: !passing || failures >= PASSING_FAILURES_TOLD };
};

/** `why` may name times and ids; what stays the same of it is told once an hour. */
const tellAddressLate = (
  { assessments, book, clock, memory }: Apply,
  site: Site,
  role: Role,
  { why, now = false }: { why: string; now?: boolean },
): void => {
  const { state, version } = entryOf(book, site);
  const assessment = assessmentOf(assessments, site);
  const nowMs = clock.now();
  if (!now && nowMs - role.sinceSeconds * 1000 < NOT_DONE_MS) return;
  const { sinceSeconds } = role;
  // Told again hourly also while nothing can be stored: then this process remembers what it told, as far as it lives.
  const remembered = version === undefined ? (memory.get(`${site.name} not-moved`) ?? 0) : 0;
  const known = state.reminders[reminderKey('address', String(sinceSeconds))];
  const toldMs = known ?? (remembered >= sinceSeconds * 1000 ? remembered : undefined);
  if (!isReminderDue(toldMs, nowMs)) return;
  if (assessment === undefined) return;
  const evidence = evidenceOf(site, assessment.look);
  change(book, site, addressLate(site, role, { why, evidence, atMs: nowMs }));
};

const done = (apply: Apply, site: Site, role: Role): void => {
  const { book, clock } = apply;
  const nowMs = clock.now();
  const text = `the site answers at ${site.readdress?.address}, which ${role.serving} is to have`;
  change(book, site, addressAnswers(role));
  delete gateOf(apply, site).addressMove;
  // Without the store every controller would find this out again.
  if (entryOf(book, site).version === undefined) return;
  noteOf(apply, site, 'written', text);
  const { serving, epoch, sinceSeconds } = role;
  const news = { type: 'address-answers', serving, epoch, sinceSeconds } as const;
  change(book, site, (state) => enqueue(site, state, { kind: 'moved', news }, nowMs));
};
