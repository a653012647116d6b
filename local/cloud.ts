import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CONFIG_FILE, ENV, functionNames, SITE_RECORD_TYPES } from '../lambda/contract.ts';
import { shardConfigs } from '../lambda/core/site/shard.ts';
import { type Config, partsOfRole } from '../lambda/core/site/site.ts';
import { systemClock } from '../lambda/edge/clock.ts';
import { ACCOUNT_ID, type Assembly, readAssembly } from './assembly.ts';
import { afterEvent, latestBatonMs } from './baton-clock.ts';
import { CannotStart } from './cannot-start.ts';
import { cloudwatchService, isSilenceMuted } from './cloudwatch.ts';
import { accessKeyFor, OPERATOR } from './credentials.ts';
import type { DemoControl } from './demo-control.ts';
import type { DnsServer } from './dns.ts';
import type { Answerer } from './dns-message.ts';
import { dynamodbService } from './dynamodb.ts';
import { startElasticIps } from './elastic-ips.ts';
import type { HostedFunction, Outcome } from './environment.ts';
import { eventBridgeService } from './event-bridge.ts';
import type { Happening, Ready } from './events.ts';
import { startGateway } from './gateway.ts';
import { startHosting } from './hosting.ts';
import { evaluate } from './iam.ts';
import { iamService } from './iam-roles.ts';
import { lambdaService } from './lambda.ts';
import { openMetrics } from './metric-data.ts';
import { aroundZones } from './parent.ts';
import { notePermissions } from './permissions.ts';
import { HOST, listenForDns } from './ports.ts';
import { refuseStrangers } from './real-servers.ts';
import { type Route53, route53Service } from './route53.ts';
import { tellRunning } from './running.ts';
import { startScheduler } from './scheduler.ts';
import { newSessions } from './sessions.ts';
import { snsService } from './sns.ts';
import type { FunctionSpec, ScheduleSpec } from './specs.ts';
import { ssmService } from './ssm.ts';
import { openState } from './state.ts';
import { StorageTrouble } from './storage.ts';
import { stsService } from './sts.ts';
import { type Watcher, watch } from './watcher.ts';

export type CloudOptions = {
  /** Made by `cdk synth`; absolute. */
  assemblyDir: string;
  /** Exists, is absolute, and belongs to this process alone (`lockDirectory`). */
  stateDir: string;
  /** 0 takes any free port. */
  dnsPort: number;
  port: number;
  /** How long the scheduler's minute lasts. */
  tickSeconds: number;
  /** Whether servers that are not on this machine may be probed. */
  watchRealServers?: boolean;
  /** Where the configuration was written, for who is told to edit it. */
  configFile?: string | undefined;
  /** The demo servers, where there are some. */
  demo?: DemoControl;
  onEvent(happening: Happening): void;
  /** Told the latest moment of the tables before anything starts, milliseconds: no clock of this cloud may be behind it. */
  goOnFrom?(ms: number): void;
};

/** What the event `ready` says, the configuration that was baked in, and the way to end it all. */
export type Cloud = Ready & {
  config: Config;
  close(): Promise<void>;
};

const ADDRESS_TYPES: readonly string[] = SITE_RECORD_TYPES;

/**
 * Boots an assembly: its functions, schedule, table, topic, zones and permissions, behind one endpoint and one name server.
 * Rejects with `CannotStart`. Resolves when everything listens and the first controller has been started.
 */
export const startCloud = async (options: CloudOptions): Promise<Cloud> => {
  const steps: (() => unknown)[] = [];
  const close = async (): Promise<void> => {
    for (const step of steps.splice(0).reverse()) await step();
  };
  try {
    return { ...(await boot(options, (step) => steps.push(step))), close };
  } catch (error) {
    await close();
    // The parts word their refusals for people; an error of any other class is a defect and keeps its trace.
    if (error instanceof StorageTrouble || (error instanceof Error && error.constructor === Error))
      throw new CannotStart(error.message, { cause: error });
    throw error;
  }
};

/** `onClose` takes what undoes a step; the last one is undone first. */
const boot = async (
  options: CloudOptions,
  onClose: (step: () => unknown) => void,
): Promise<Omit<Cloud, 'close'>> => {
  const state = openState(options.stateDir);
  const owners: Owners = new Map();
  const ownerOf = (zoneId: string) => owners.get(zoneId);
  const route53 = route53Service({ saved: state.zones(), save: state.saveZones, throttled: true, ownerOf });
  const assembly = readAssembly(options.assemblyDir, {
    accountId: ACCOUNT_ID,
    zoneId: (name) => route53.createZone(name).id,
  });
  const zones = Object.fromEntries(
    assembly.zones.map(({ name, id }) => [name, route53.createZone(name, id).id]),
  );
  const config = bakedConfig(assembly, options.watchRealServers, options.configFile);
  noteOwners(owners, config, zones, assembly.accountId);
  const metrics = openMetrics({ onFlaw: (message) => watcher.trouble('MetricsDropped', message) });
  const cloudwatch = cloudwatchService({ ...assembly, metrics });
  const muted = isSilenceMuted(config, cloudwatch);
  const watcher = watch({ ...options, config, listed: listedIn(route53, zones), muted });
  const functions = assembly.functions.map(withKey);
  const invoke = async (fn: HostedFunction, payload: string): Promise<Outcome> => {
    const outcome = await hosting.invoke(fn, payload);
    if (outcome.error) watcher.failed(fn, outcome.error);
    return outcome;
  };

  const { accountId, topics, tables } = assembly;
  const dynamodb = await dynamodbService({ accountId, tables, dir: state.tables });
  onClose(() => dynamodb.close());
  // What was noted of its time beside the tables may be lost, and they are what every controller holds its event against.
  options.goOnFrom?.(afterEvent(await latestBatonMs(dynamodb, tables, shardConfigs(config).length)));
  const sns = topicsService(topics, state, watcher, invoking(functions, invoke));
  const lambda = lambdaService({ accountId, functions, invoke });
  const aside = [
    ssmService({ accountId, ...state }),
    eventBridgeService({ accountId }),
    cloudwatch,
    iamService({ accountId, roles: state.sharingRoles }),
  ];
  const elastic = await startElasticIps(accountId, config, state);
  onClose(elastic.close);
  const { sts, ...identities } = identitiesOf(config, assembly);
  const gateway = await startGateway({
    ...assembly,
    ...identities,
    port: options.port,
    services: [route53, dynamodb, sns, lambda, ...aside, elastic.ec2, sts],
    onCall: watcher.called,
    demo: options.demo,
  });
  onClose(gateway.close);
  const dns = await startNameServer(options.dnsPort, route53);
  onClose(dns.close);
  const hosting = startHosting({
    endpointUrl: gateway.url,
    variables: { [ENV.dns]: `${HOST}:${dns.port}` },
    onLog: (line) => {
      watcher.printed(line);
      metrics.printed(line);
    },
  });
  onClose(() => hosting.close());
  const schedules = startSchedules(assembly, functions, options.tickSeconds, invoke, watcher);
  for (const stop of [schedules, watcher.stop]) onClose(stop);

  const ready = readyOf(options.stateDir, { dns, gateway, zones, functions: namesOf(config, functions) });
  onClose(tellRunning(ready, config.homeRegion));
  watcher.whenReady(ready);
  return { ...ready, config };
};

const withKey = (fn: FunctionSpec): HostedFunction => ({
  ...fn,
  credentials: accessKeyFor(fn.name, fn.region),
});

/** The accounts that have the zones, by their ids. */
type Owners = Map<string, string>;

const noteOwners = (
  owners: Owners,
  config: Config,
  zones: Record<string, string>,
  homeAccount: string,
): void => {
  for (const { name, account } of config.zones)
    owners.set(zones[name] ?? '', account === undefined ? homeAccount : partsOfRole(account.roleArn).account);
};

/** Who may call and as what: what each role may do, those of other accounts included, who lets functions be these, and who notes it. */
const identitiesOf = ({ deployment }: Config, { functions, foreignRoles, ...assembly }: Assembly) => {
  const abroad = foreignRoles.map(({ arn, statements }) => [arn, statements] as const);
  const policies = { ...assembly.policies, ...Object.fromEntries(abroad) };
  const roles = abroad.map(([arn]) => ({ name: '', role: arn }));
  const sessions = newSessions();
  return {
    policies,
    sessions,
    sts: stsService({ roles: foreignRoles, sessions }),
    onDemand: notePermissions(deployment, [...functions, ...roles], policies),
  };
};

type Listening = Pick<Ready, 'zones' | 'functions'> & { dns: { port: number }; gateway: { url: string } };

/** What whoever started it is told: where it is, and by which keys it is asked. */
const readyOf = (state: string, { dns, gateway, zones, functions }: Listening): Ready => ({
  event: 'ready',
  dns: `${HOST}:${dns.port}`,
  aws: gateway.url,
  state,
  zones,
  functions,
  operator: OPERATOR,
});

/** Starts a function that is subscribed to a topic. */
const invoking =
  (functions: HostedFunction[], invoke: (fn: HostedFunction, payload: string) => Promise<Outcome>) =>
  (arn: string, payload: string): void => {
    const subscribed = functions.find((fn) => fn.arn === arn);
    if (subscribed !== undefined) void invoke(subscribed, payload);
  };

const topicsService = (
  topics: Assembly['topics'],
  { addMail, subscriptions }: ReturnType<typeof openState>,
  { published }: Watcher,
  onInvoke: (functionArn: string, payload: string) => void,
) => snsService({ topics, onMessage: published, onMail: addMail, onInvoke, states: subscriptions });

const listedIn = (route53: Route53, zones: Record<string, string>) => (zone: string, name: string) =>
  route53.records(zones[zone] ?? '', name).some(({ type }) => ADDRESS_TYPES.includes(type));

const namesOf = (config: Config, functions: HostedFunction[]): Ready['functions'] => {
  const { controller, console, status, notifier, prober } = functionNames(config.deployment);
  const posts = functions.some(({ name }) => name === notifier);
  const probers = functions.filter(({ name }) => name === prober).map(({ region, name }) => [region, name]);
  return { controller, console, status, ...(posts && { notifier }), probers: Object.fromEntries(probers) };
};

/**
 * The configuration of the whole deployment, which the console has; one of several controllers has that of its own sites. It is
 * refused where it would reach out to strangers.
 */
const bakedConfig = (assembly: Assembly, watchRealServers = false, configFile?: string): Config => {
  const baked = assembly.functions
    .map(({ codeDir }) => join(codeDir, CONFIG_FILE))
    .filter(existsSync)
    .map((file) => JSON.parse(readFileSync(file, 'utf8')) as Config);
  const whole = baked.find(({ shard }) => shard === undefined);
  if (whole === undefined)
    throw new CannotStart(
      `Expected a function with a ${CONFIG_FILE}, found none; this assembly is not of Switchover.`,
    );
  refuseStrangers(whole, watchRealServers, configFile);
  return whole;
};

const startNameServer = (port: number, route53: Route53): Promise<DnsServer> => {
  const answer: Answerer = (name, type) =>
    route53.answer(name, type) ?? aroundZones(route53.zones(), HOST, name, type);
  return listenForDns(port, answer);
};

/** Answers what stops them. */
const startSchedules = (
  assembly: Assembly,
  functions: HostedFunction[],
  tickSeconds: number,
  invoke: (fn: HostedFunction, payload: string) => Promise<Outcome>,
  watcher: Watcher,
): (() => void) => {
  let answered = 'nothing yet';
  const start = async (fn: HostedFunction, payload: string): Promise<void> => {
    watcher.ticked(answered);
    const outcome = await invoke(fn, payload);
    answered = outcome.error ? outcome.error.errorMessage : outcome.payload;
  };
  const { stop } = startScheduler(assembly.schedules, tickSeconds, systemClock, (schedule, payload) => {
    const { target } = schedule;
    const fn = functions.find(({ name, region }) => name === target.function && region === target.region);
    const refusal = fn === undefined ? 'there is no such function' : refusalOf(assembly, schedule, fn);
    if (fn !== undefined && refusal === undefined) void start(fn, payload);
    else watcher.trouble('ScheduleFailed', `${schedule.name} cannot invoke ${target.function}: ${refusal}.`);
  });
  return stop;
};

/** Why the role of a schedule may not do what it is there for. */
const refusalOf = (assembly: Assembly, schedule: ScheduleSpec, fn: HostedFunction): string | undefined => {
  const demand = { action: 'lambda:InvokeFunction', resource: fn.arn, context: {} };
  const ruling = evaluate(assembly.policies[schedule.role] ?? [], [], demand);
  return ruling.allowed ? undefined : `its role ${schedule.role} is not authorized, ${ruling.why}`;
};
