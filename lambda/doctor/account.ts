import { soon } from '../async/deadline.ts';
import { deadManNames, topicName } from '../contract.ts';
import { Fault } from '../core/base/fault.ts';
import type { Account } from '../core/doctor/facts.ts';
import { deadManRegion, type Site } from '../core/site/site.ts';
import { deploymentKeys, parseDeployment } from '../core/state/deployment-state.ts';
import { status } from '../status/report.ts';
import { VISIT_MS } from './again.ts';
import { dryCalls } from './dry-calls.ts';
import type { DoctorPorts } from './ports.ts';
import type { Visitor } from './visitor.ts';

const faultText = (error: unknown): string => {
  if (!(error instanceof Fault)) throw error;
  return error.message;
};

/** Reads what the account knows, as the function `by`; what cannot be read is told in its place. */
export const readAccount = async (visitor: Visitor, sites: Site[]): Promise<Account> => {
  const { ports } = visitor;
  const { config, clock } = ports;
  const zones = config.zones.filter(({ name }) => sites.some(({ zone }) => zone === name));
  const [stored, view, facts, topics, calls] = await Promise.all([
    readDeployment(ports),
    readStatus(ports, sites),
    Promise.all(zones.map(({ name }) => readZone(visitor, name))),
    Promise.all(topicsOf(visitor).map((topic) => readTopic(visitor, topic))),
    dryCalls(visitor, sites),
  ]);
  return {
    nowMs: clock.now(),
    ...view,
    ...stored,
    zones: facts,
    topics,
    calls,
    vantages: config.vantages.length,
    unseen: [],
  };
};

const readStatus = async (
  ports: DoctorPorts,
  sites: Site[],
): Promise<Pick<Account, 'sites' | 'silent' | 'late' | 'storeTrouble'>> => {
  const asked = status(ports, sites);
  try {
    if (!(await soon(ports.clock, VISIT_MS, asked)))
      return { sites: [], late: `How the sites stand was not known after ${VISIT_MS / 1000} s.` };
    const { ok, message, sites: all, storeTrouble } = await asked;
    if (storeTrouble !== undefined) return { sites: [], storeTrouble };
    return { sites: all, ...(!ok && { silent: message }) };
  } catch (error) {
    return { sites: [], storeTrouble: faultText(error) };
  }
};

/** Of several controllers together: what any of them finds, and the check that was made longest ago. */
const readDeployment = async ({
  store,
  config,
}: DoctorPorts): Promise<Pick<Account, 'blind' | 'blindFor' | 'checked'>> => {
  try {
    const stored = await store.load(deploymentKeys(config));
    const states = [...stored.values()].flatMap(({ text }) => parseDeployment(text) ?? []);
    const checks = states.flatMap(({ checked }) => checked ?? []);
    const kept = checks.flatMap((check) => check.kept);
    return {
      blind: [...new Set(states.flatMap(({ blind }) => blind))].sort(),
      blindFor: Object.assign({}, ...states.map(({ blindFor }) => blindFor)) as Record<string, string>,
      ...(checks.length > 0 && { checked: { atMs: Math.min(...checks.map(({ atMs }) => atMs)), kept } }),
    };
  } catch (error) {
    faultText(error);
    return { blind: [] };
  }
};

const readZone = async (
  {
    ports: {
      zoneIds,
      doctorTools: { account },
    },
    again,
  }: Visitor,
  zone: string,
): Promise<Account['zones'][number]> => {
  const id = zoneIds[zone] ?? '';
  try {
    return { zone, id, ...(await again(() => account.zone(id))) };
  } catch (error) {
    const text = faultText(error);
    return { zone, id, trouble: { code: (error as Fault).code, text } };
  }
};

type AskedTopic = { name: string; arn: string; region: string; wanted: string[] };

const topicsOf = ({
  ports: {
    config,
    doctorTools: { alertsArn },
  },
}: Visitor): AskedTopic[] => {
  const [arn, partition, service, region = '', account] = alertsArn.split(':');
  const away = deadManRegion(config);
  const silence = deadManNames(config.deployment).topic;
  const wanted = config.alerts.emails;
  return [
    { name: topicName(config.deployment), arn: alertsArn, region, wanted },
    { name: silence, arn: [arn, partition, service, away, account, silence].join(':'), region: away, wanted },
  ];
};

const readTopic = async (
  {
    ports: {
      doctorTools: { account },
    },
    again,
  }: Visitor,
  { name, arn, region, wanted }: AskedTopic,
): Promise<Account['topics'][number]> => {
  try {
    return { name, region, wanted, subscriptions: await again(() => account.subscriptions(arn)) };
  } catch (error) {
    return { name, region, wanted, trouble: faultText(error) };
  }
};
