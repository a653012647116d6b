import { inTime } from '../async/deadline.ts';
import { diagnose } from '../core/doctor/diagnosis.ts';
import type { DoctorFacts } from '../core/doctor/facts.ts';
import type { Command } from '../core/orders/command.ts';
import { QUIET } from '../core/orders/order-quiet.ts';
import { byController } from '../core/site/shard.ts';
import type { Site } from '../core/site/site.ts';
import type { Finding } from '../core/state/finding.ts';
import { visit } from '../doctor/visit.ts';
import { answering, type Looked, look } from '../status/answer.ts';
import { IN_TIME_MS, inTimeStore } from './in-time.ts';
import { type OrderResult, orderZone, STORED_ONLY } from './orders.ts';
import { type OwnAlarms, ownAlarms } from './own-alarms.ts';
import type { ConsolePorts, OrderPorts } from './ports.ts';
import { orderQuiet, sitesOfIncident } from './quiet-orders.ts';

/**
 * What the console function answers. `ok` is false when anything that was asked was refused or is not in DNS yet.
 */
export type Answer = Looked & {
  /** With an order: what became of it, by site. */
  outcomes?: OrderResult[];
  /** With `silence` and `unsilence` of all sites: the deployment's alarms, which who asked can mute. This function may not. */
  alarms?: OwnAlarms[];
  /** With `check`: what the account knows, and what the doctor makes of it. */
  facts?: DoctorFacts;
  findings?: Finding[];
};

/** Carries out one command. Whatever is wrong with it is answered, and nothing has changed then. */
export const answerCommand = (ports: ConsolePorts, event: unknown): Promise<Answer> =>
  answering<Answer>(ports.config, event, async (command) => {
    const looked = await look(ports, command);
    if (looked !== undefined) return looked;
    return command.action === 'check' ? check(ports, command.sites) : order(ports, command);
  });

/** What the doctor finds from inside the account; from outside, the command line adds what is seen there. */
const check = async (ports: ConsolePorts, sites: Site[]): Promise<Answer> => {
  const { doctorTools, clock } = ports;
  if (doctorTools === undefined) return { ok: false, message: 'Not done: this function cannot look.' };
  const facts = await visit({ ...ports, doctorTools }, 'console', sites);
  const { findings, prognoses } = diagnose(facts, sites, clock.now());
  const said = [
    ...findings.map(({ severity, code, what }) => `${severity} ${code}: ${what}`),
    ...prognoses.map(({ text }) => text),
  ];
  return {
    ok: !findings.some(({ severity }) => severity === 'error'),
    message: said.join('\n'),
    facts,
    findings,
  };
};

/** Orders that the controller carries out later are asked for, and not done yet. */
const whatCame = ({ action }: Command, count: number, all: number): string =>
  STORED_ONLY.includes(action)
    ? `asked for on ${count} of ${all} sites`
    : `done for ${count} of ${all} sites`;

/** An order about messages, of sites or of an incident. */
const orderMessages = async (ports: OrderPorts, command: Command): Promise<Answer> => {
  const { config } = ports;
  const documents = await inTimeStore(ports).load(command.sites.map(({ name }) => name));
  const { incident } = command;
  const sites = incident === undefined ? command.sites : sitesOfIncident(config, documents, incident);
  if ('refused' in sites) return { ok: false, message: sites.refused };
  const known = { ...command, sites };
  const answer = await answerOrder(ports, known, await orderQuiet(ports, known, documents));
  const isOfAll = incident === undefined && sites.length === config.sites.length;
  return isOfAll ? { ...answer, alarms: ownAlarms(config) } : answer;
};

/** Zones are written side by side; what one refuses does not keep the others. */
const order = async (ports: OrderPorts, command: Command): Promise<Answer> => {
  if (QUIET.some((action) => action === command.action)) return orderMessages(ports, command);
  const byZone = [...Map.groupBy(command.sites, (s) => s.zone).values()];
  const outcomes = (await Promise.all(byZone.map((sites) => orderZone(ports, command, sites)))).flat();
  return answerOrder(ports, command, outcomes);
};

/** How many of the sites were so before, with the words for one of them. */
const alreadySo = (outcomes: OrderResult[]): string => {
  const already = outcomes.filter((one) => one.already);
  return already.length === 0 ? '' : ` ${already.length} of them already: ${already[0]?.message}.`;
};

const answerOrder = async (ports: OrderPorts, command: Command, outcomes: OrderResult[]): Promise<Answer> => {
  if (outcomes.some((o) => o.ok && !o.already)) await wake(ports, command.sites);
  const ok = outcomes.every((o) => o.ok);
  const refused = outcomes.filter((o) => !o.ok);
  const message =
    outcomes.length === 1
      ? (outcomes[0]?.message ?? '')
      : `${command.action}: ${whatCame(command, outcomes.length - refused.length, outcomes.length)}.${alreadySo(outcomes)}${
          refused.length === 0
            ? ''
            : ` Not for: ${refused
                .map((o) => o.site)
                .join(', ')
                .slice(0, 1000)}.`
        }`;
  return { ok, message, outcomes };
};

/**
 * The controllers of `sites` read the states again. With the store away they meet the role record before the next write
 * anyway.
 */
const wake = async (ports: OrderPorts, sites: Site[]): Promise<void> => {
  const controllers = [...byController(ports.config, sites).keys()];
  const woken = controllers.map((controller) => ports.store.wake(controller));
  await Promise.all(woken.map((waking) => inTime(ports.clock, IN_TIME_MS, waking)));
};
