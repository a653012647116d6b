import type { VirtualClock } from '../../../fixtures/virtual/clock.ts';
import { Fault } from '../../../lambda/core/base/fault.ts';
import type { Observation, ProbeRequest, ProberEvent } from '../../../lambda/core/probe/request.ts';
import type { Witness } from '../observer/truth.ts';
import { type Answer, answerAt, isReference } from './answers.ts';
import type { Cloud } from './cloud-shape.ts';
import type { Asked, Life } from './life.ts';
import { INVOKE_PATIENCE_MS } from './patience.ts';
import { START_MS } from './plan.ts';
import type { Plan } from './plan-shape.ts';
import type { Episode } from './troubles.ts';

type Probed = { plan: Plan; cloud: Cloud; clock: VirtualClock; witness: Witness };
type Probing = { life: Life; vantage: string; event: ProberEvent; asked: Asked };

/** One Invoke of a prober. What it answers is what the servers truly answer there and then, unless the vantage is in trouble. */
export const probe = async (
  world: Probed,
  { life, vantage, event, asked }: Probing,
): Promise<Observation[]> => {
  const { cloud, clock, witness } = world;
  const { active } = cloud;
  const { random } = life;
  const fault = (code: 'denied' | 'lost' | 'throttled') =>
    new Fault(code, 'Lambda', 'Invoke', `the simulated ${vantage} says ${code}`);
  const how = troubleOf(active, vantage, life);
  const addresses = event.probes.map(({ address }) => address).filter((each) => !isReference(each));
  if (how !== undefined) witness.met(`vantage ${how}`);
  const seen = addresses.length > 0 ? witness.asked(life, asked, vantage, addresses) : undefined;
  await clock.sleep(random.between(5, 80));
  if (how === 'denied' || how === 'throttled') throw fault(how);
  const slowMs = how === 'slow' ? random.between(0, event.deadlineMs + INVOKE_PATIENCE_MS) : 0;
  const answerable = how === 'lost' ? [] : event.probes;
  const answers = answerable.map((request): Answer => {
    if (how === 'cut-off') return { outcome: 'failed', code: 'timeout-connect', afterMs: request.timeoutMs };
    const answer = answerFor(world, vantage, request);
    const slow = answer.outcome === 'passed' && answer.afterMs > 100;
    if (answer.outcome !== 'passed' || slow)
      witness.met(`${isReference(request.address) ? 'reference' : 'server'} ${slow ? 'slow' : answer.code}`);
    return answer;
  });
  const totalMs = Math.max(0, ...answers.map((a) => a.afterMs)) + slowMs;
  if (how === 'lost' || totalMs > event.deadlineMs + INVOKE_PATIENCE_MS) {
    await clock.sleep(event.deadlineMs + INVOKE_PATIENCE_MS);
    throw fault('lost');
  }
  await clock.sleep(totalMs);
  if (event.heartbeat !== undefined) witness.heartbeat(life, event.heartbeat.roundsDecided);
  const observations = answers.flatMap((answer, index): Observation[] => {
    if (how === 'partial' && random.chance(0.5)) return [];
    const { outcome, code, afterMs } = answer;
    const request = event.probes[index] as ProbeRequest;
    return how === 'no-network'
      ? [
          {
            id: request.id,
            outcome: 'unknown',
            code: 'no-network',
            detail: 'simulated',
            phases: { totalMs: 1 },
          },
        ]
      : [{ id: request.id, outcome, code, detail: 'simulated', phases: { totalMs: afterMs } }];
  });
  const addressOf = new Map(event.probes.map(({ id, address }) => [id, address]));
  const bySeen = observations.map(({ id, outcome }) => [addressOf.get(id) ?? '', outcome] as const);
  // A vantage that sees none of its references has nothing to say of anything else.
  const references = bySeen.filter(([address]) => isReference(address));
  const isAskedForAny = event.probes.some(({ address }) => isReference(address));
  if (!isAskedForAny || references.some(([, outcome]) => outcome === 'passed')) seen?.(new Map(bySeen));
  return observations;
};

const troubleOf = (active: ReadonlySet<Episode>, vantage: string, life: Life) => {
  for (const { trouble } of active) {
    if (
      trouble.kind === 'vantage' &&
      trouble.vantages.includes(vantage) &&
      life.random.chance(trouble.chance)
    ) {
      return trouble.how;
    }
  }
  return undefined;
};

const answerFor = ({ plan, cloud, clock }: Probed, vantage: string, request: ProbeRequest) => {
  const atMs = clock.now() - START_MS;
  const address = cloud.addresses.metAt(request.address);
  return answerAt(plan, cloud.active, address, vantage, atMs, request.timeoutMs);
};
