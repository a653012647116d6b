import type { Task } from '../async/task.ts';
import { saveDeployment } from '../book/announce.ts';
import { changeDeployment } from '../book/change.ts';
import { isAway } from '../book/table.ts';
import type { Watch } from '../book/watch.ts';
import { Fault } from '../core/base/fault.ts';
import { checkupDue, noteCheckup, planCheckup } from '../core/doctor/checkup.ts';
import { diagnose } from '../core/doctor/diagnosis.ts';
import type { Account } from '../core/doctor/facts.ts';
import { requestFor } from '../observe/ask-vantages.ts';
import type { DoctorTools, World } from '../ports.ts';
import { visit } from './visit.ts';

/** How often it is asked whether the daily check is due; a controller lives for a minute or two. */
const LOOK_EVERY_MS = 10_000;
/** IPv6 addresses that stand for all of them: a region has IPv6 or has not. */
const SAMPLED = 3;

/** Makes the daily check beside the rounds, when all is calm, and owes what is new. Ends soon after the signal. */
export const checkupTask = (world: World, watch: Watch): Task | undefined => {
  const { doctorTools, clock } = world;
  if (doctorTools === undefined) return undefined;
  const run = async (signal: AbortSignal) => {
    const { deployment } = watch;
    // What cannot be saved would be told again each minute.
    if (watch.over || isAway(watch) || !watch.deploymentRead) return;
    if (deployment.state.checked === undefined) {
      await note(world, watch, (state) => planCheckup(state, clock.now()));
    } else if (isCalm(world, watch) && checkupDue(deployment.state, clock.now())) {
      await checkup(world, watch, doctorTools, signal);
    }
  };
  return { everyMs: LOOK_EVERY_MS, run };
};

/** Confirmation rounds need the time and the processor for themselves. */
const isCalm = ({ config }: World, { sites }: Watch): boolean =>
  sites.every(({ pace }) => pace.everyMs >= config.intervalSeconds * 1000);

type Change = (state: Watch['deployment']['state']) => Watch['deployment']['state'];

const note = async (world: World, watch: Watch, step: Change): Promise<void> => {
  changeDeployment(watch, step);
  await saveDeployment(world, watch);
  watch.tell?.();
};

const checkup = async (
  world: World,
  watch: Watch,
  doctorTools: DoctorTools,
  signal: AbortSignal,
): Promise<void> => {
  const { config, clock } = world;
  const [facts, unseen] = await Promise.all([
    visit({ ...world, doctorTools }, 'controller', config.sites, signal),
    unseenFamilies(world),
  ]);
  // Half an answer is none: the successor makes the check.
  if (watch.over || facts.account === undefined) return;
  const account: Account = { ...facts.account, unseen };
  delete account.checked;
  const diagnosis = diagnose({ ...facts, account }, config.sites, clock.now());
  await note(world, watch, (state) => noteCheckup(state, diagnosis, clock.now(), config));
};

/** IPv6 addresses that no vantage has a network for, by site. */
const unseenFamilies = async ({ config, probers }: World): Promise<Account['unseen']> => {
  const six = config.sites.flatMap((site) => {
    const addresses = site.servers.flatMap(({ ipv6, probeAddress }) =>
      probeAddress === undefined ? ipv6 : [],
    );
    return addresses.length === 0 ? [] : [{ site, addresses }];
  });
  const probes = six
    .slice(0, SAMPLED)
    .map(({ site, addresses }) => requestFor(site, `family ${site.name}`, addresses[0] ?? ''));
  if (probes.length === 0) return [];
  const deadlineMs = Math.max(...probes.map(({ timeoutMs }) => timeoutMs)) + 1000;
  const seen = await Promise.all(
    config.vantages.map(async (vantage) => {
      try {
        return (await probers.probe(vantage, { probes, deadlineMs })).some(
          ({ code }) => code !== 'no-network',
        );
      } catch (error) {
        // A vantage that could not be asked is announced as blind, and says nothing of families.
        if (!(error instanceof Fault)) throw error;
        return true;
      }
    }),
  );
  return seen.some((one) => one) ? [] : six.map(({ site, addresses }) => ({ site: site.name, addresses }));
};
