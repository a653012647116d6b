import { deadManNames, topicName } from '../contract.ts';
import { deploymentKeys, parseDeployment } from '../core/deployment.ts';
import type { Account } from '../core/doctor/facts.ts';
import { Fault } from '../core/fault.ts';
import { deadManRegion, type Site } from '../core/site.ts';
import type { AccountReader } from '../edge/account.ts';
import type { DnsEdge } from '../edge/dns.ts';
import { status } from '../report.ts';
import type { World } from '../world.ts';
import { dryCalls } from './dry-calls.ts';

/** What the doctor needs beside the world of rounds. */
export type Surgery = {
  account: AccountReader;
  alertsArn: string;
  /** Absent where no DNS may be asked: on one machine without a name server of its own. */
  dns?: DnsEdge;
};

const faultText = (error: unknown): string => {
  if (!(error instanceof Fault)) throw error;
  return error.message;
};

/** Reads what the account knows, as the function `by`; what cannot be read is told in its place. */
export const readAccount = async (
  world: World,
  surgery: Surgery,
  by: 'controller' | 'console',
  sites: Site[],
): Promise<Account> => {
  const { config, clock } = world;
  const zones = config.zones.filter(({ name }) => sites.some(({ zone }) => zone === name));
  const [stored, standing, facts, topics, calls] = await Promise.all([
    readDeployment(world),
    readStatus(world, sites),
    Promise.all(zones.map(({ name }) => readZone(world, surgery, name))),
    Promise.all(topicsOf(world, surgery).map((topic) => readTopic(surgery, topic))),
    dryCalls(world, by, sites),
  ]);
  return {
    nowMs: clock.now(),
    ...standing,
    ...stored,
    zones: facts,
    topics,
    calls,
    vantages: config.vantages.length,
    unseen: [],
  };
};

const readStatus = async (
  world: World,
  sites: Site[],
): Promise<Pick<Account, 'sites' | 'silent' | 'storeTrouble'>> => {
  try {
    const { ok, message, sites: all, storeTrouble } = await status(world, sites);
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
}: World): Promise<Pick<Account, 'blind' | 'blindFor' | 'checked'>> => {
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
  { zoneIds }: World,
  { account }: Surgery,
  zone: string,
): Promise<Account['zones'][number]> => {
  const id = zoneIds[zone] ?? '';
  try {
    return { zone, id, ...(await account.zone(id)) };
  } catch (error) {
    const text = faultText(error);
    return { zone, id, trouble: { code: (error as Fault).code, text } };
  }
};

type AskedTopic = { name: string; arn: string; region: string; wanted: string[] };

const topicsOf = ({ config }: World, { alertsArn }: Surgery): AskedTopic[] => {
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
  { account }: Surgery,
  { name, arn, region, wanted }: AskedTopic,
): Promise<Account['topics'][number]> => {
  try {
    return { name, region, wanted, subscriptions: await account.subscriptions(arn) };
  } catch (error) {
    return { name, region, wanted, trouble: faultText(error) };
  }
};
