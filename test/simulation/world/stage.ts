import { type VirtualClock, virtualClock } from '../../../fixtures/virtual/clock.ts';
import { answerCommand } from '../../../lambda/console/command.ts';
import { runTerm } from '../../../lambda/controller/term.ts';
import { keepSecrets } from '../../../lambda/edge/secrets.ts';
import type { ReadParameters, Secrets, World } from '../../../lambda/ports.ts';
import { newObserver } from '../observer/observer.ts';
import type { Observer } from '../observer/observer-shape.ts';
import { answered, reasonOf } from '../observer/promises.ts';
import type { Order } from '../observer/truth.ts';
import { random } from '../random.ts';
import { newCloud } from './cloud.ts';
import type { Cloud } from './cloud-shape.ts';
import { partsOf } from './edges.ts';
import { zoneIdOf } from './hosted.ts';
import { freeze, type Life, lived, newLife, type Strike } from './life.ts';
import { START_MS } from './plan.ts';
import type { Plan } from './plan-shape.ts';
import type { Trouble } from './troubles.ts';

/** Everything of one world while it runs. */
export type Stage = {
  plan: Plan;
  clock: VirtualClock;
  observer: Observer;
  cloud: Cloud;
  /** What a process that starts now is deployed with. */
  config: Plan['config'];
  lives: Life[];
  /** What the execution environments that are free remember: a controller that ends leaves its own to the next. */
  environments: Environment[];
  /** Processes so far. */
  count: number;
};

/** What an execution environment remembers from one invocation to the next, and how the one that runs in it reads parameters. */
type Environment = { memory: World['memory']; secrets: Secrets; read: ReadParameters };

const newEnvironment = (clock: VirtualClock, read: ReadParameters): Environment => {
  const environment: Environment = {
    memory: new Map(),
    read,
    secrets: keepSecrets((names) => environment.read(names), clock),
  };
  return environment;
};

export const MINUTE = 60_000;

export const newStage = (plan: Plan): Stage => {
  const clock = virtualClock(START_MS);
  const observer = newObserver(plan, clock.now);
  const cloud = newCloud(plan, clock, observer);
  return { plan, clock, observer, cloud, config: plan.config, lives: [], environments: [], count: 0 };
};

/** A process and the world as it sees it: with a clock of its own, killed or stopped at any of its calls. */
const newProcess = (stage: Stage, who: Life['who']): { life: Life; seen: World; read: ReadParameters } => {
  const { plan, clock, cloud, observer, config } = stage;
  const id = `${who}-${stage.count++}`;
  const own = random(`${plan.seed}/${id}`);
  const skewed = [...cloud.active].map((e) => e.trouble).find((t) => t.kind === 'clock' && t.how === 'skew');
  const skewMs = skewed?.kind === 'clock' ? Math.floor(own.next() * skewed.byMs) : 0;
  const life = newLife({ id, who, config, bornMs: clock.now(), skewMs, random: own });
  stage.lives.push(life);
  if (skewMs !== 0) observer.met('clock skewed');
  let nonces = 0;
  const behind = partsOf({ plan, cloud, clock, witness: observer, life });
  const { parameters: read, ...parts } = lived(life, clock, striker(stage), behind);
  const seen: World = {
    ...parts,
    config,
    zoneIds: Object.fromEntries(config.zones.map(({ name }) => [name, zoneIdOf(name)])),
    memory: new Map(),
    nonce: () => `${id}-${nonces++}`,
    log: (line) => observer.logged(life, line),
  };
  return { life, seen, read };
};

const striker =
  ({ cloud, clock, observer }: Stage): Strike =>
  (life) => {
    for (const { trouble } of cloud.active) {
      if (trouble.kind !== 'process' || trouble.chance === 'now') continue;
      if (!life.random.chance(trouble.chance)) continue;
      observer.met(`process ${trouble.how}`);
      if (trouble.how === 'crash') life.dead = true;
      else freeze(life, clock.now(), life.random.between(1000, trouble.frozenMs));
    }
  };

/** Starts a controller with an event of the schedule, after a cold start of a moment. */
export const startController = (stage: Stage, scheduledMs: number): void => {
  const { clock, observer, environments } = stage;
  const isBeside = stage.lives.some(({ who, dead, over }) => who === 'controller' && !dead && !over);
  if (isBeside) observer.met('controllers side by side');
  const { life, seen, read } = newProcess(stage, 'controller');
  const environment = environments.pop() ?? newEnvironment(clock, read);
  environment.read = read;
  const { memory, secrets } = environment;
  void clock
    .sleep(life.random.between(50, 1500))
    .then(() => runTerm({ ...seen, memory, secrets }, new Date(scheduledMs).toISOString()))
    .then(
      (ended) => {
        life.over = true;
        environments.push(environment);
        observer.ended(life, ended);
      },
      (threw: unknown) => observer.ended(life, { threw }),
    );
};

/** What the schedule does in one minute. */
export const fire = (stage: Stage, minute: number): void => {
  const { cloud, clock } = stage;
  const scheduledMs = START_MS + minute * MINUTE;
  const start = (afterMs: number, atMs: number) =>
    void clock.sleep(afterMs).then(() => startController(stage, atMs));
  const trouble = [...cloud.active].map((e) => e.trouble).find((t) => t.kind === 'schedule');
  const how = trouble?.kind === 'schedule' ? trouble.how : 'well';
  const byMs = trouble?.kind === 'schedule' ? trouble.byMs : 0;
  if (how !== 'well') stage.observer.met(`schedule ${how}`);
  if (how === 'none') return;
  start(how === 'late' ? byMs : 0, scheduledMs);
  if (how === 'twice') start(byMs % 30_000, scheduledMs);
  if (how === 'old') start(2000, scheduledMs - byMs);
  if (how === 'future') start(2000, scheduledMs + byMs);
};

/** A person gives an order and waits for the answer, which may never come. */
export const order = async (stage: Stage, trouble: Trouble & { kind: 'order' }): Promise<Order> => {
  const { life, seen } = newProcess(stage, 'hand');
  const site = stage.config.sites[trouble.site] as Plan['config']['sites'][number];
  const { action, forSeconds, force, planned } = trouble;
  const pin = action === 'pin' || action === 'point' ? (site.servers[trouble.server]?.name ?? '') : '';
  const given: Order = { ...trouble, life, name: site.name, pin, askedMs: stage.clock.now() };
  stage.observer.ordered(given);
  try {
    const { ok, message } = await answerCommand(seen, {
      action,
      site: site.name,
      by: 'ops',
      reason: reasonOf(given),
      ...(['hold', 'pin', 'adopt'].includes(action) ? { forSeconds } : {}),
      ...(pin === '' ? {} : { server: pin }),
      ...(action === 'point' && planned ? { planned } : {}),
      ...(['pin', 'put-back'].includes(action) ? { force } : {}),
    });
    life.over = true;
    given.answer = { atMs: stage.clock.now(), ok, message };
    stage.observer.met(`order ${action} ${ok ? 'done' : 'refused'}`);
    answered(stage.observer, given, stage.cloud.listing());
  } catch (threw) {
    stage.observer.ended(life, { threw });
  }
  return given;
};

/** What a person sees of all sites, by the console function. */
export const look = async (stage: Stage): Promise<{ site: string; zone: string }[]> => {
  const { life, seen } = newProcess(stage, 'hand');
  const { sites } = await answerCommand(seen, { action: 'status' });
  life.over = true;
  return sites ?? [];
};

/** A person changes the zone in the Route 53 console, which refuses what cannot be done. */
export const person = ({ cloud, clock }: Stage, changes: Parameters<Cloud['change']>[0]): void => {
  try {
    cloud.change(changes, { by: 'person' }, { atMs: clock.now(), clockMs: clock.now() });
  } catch {
    // The person reads why, and lets it be.
  }
};
