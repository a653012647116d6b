import type { Task } from '../async/task.ts';
import type { Book } from '../book/book.ts';
import { changeDeployment } from '../book/change.ts';
import { saveDeployment } from '../book/deployment.ts';
import { isAway } from '../book/table.ts';
import { Fault } from '../core/base/fault.ts';
import { checkupDue, noteCheckup, planCheckup } from '../core/doctor/checkup.ts';
import { diagnose } from '../core/doctor/diagnosis.ts';
import type { Account } from '../core/doctor/facts.ts';
import type { DeploymentState } from '../core/state/deployment-state.ts';
import { requestFor } from '../observe/ask-vantages.ts';
import type { World } from '../ports.ts';
import type { DoctorPorts } from './ports.ts';
import { visit } from './visit.ts';

/** How often it is asked whether the daily check is due; a controller lives for a minute or two. */
const LOOK_EVERY_MS = 10_000;
/** IPv6 addresses that stand for all of them: a region has IPv6 or has not. */
const SAMPLED = 3;

export type CheckupPorts = DoctorPorts & Pick<World, 'probers'>;

/**
 * Makes the daily check along with the rounds and enqueues what is new. Ends soon after the signal. `isCalm`: no site
 * is confirmed, since confirmation rounds need the time and the processor for themselves.
 */
export const checkupTask = (ports: CheckupPorts, book: Book, isCalm: () => boolean): Task => {
  const { clock } = ports;
  const run = async (signal: AbortSignal) => {
    const { deployment, work } = book;
    // What cannot be saved would be told again each minute.
    if (work.over || isAway(book) || !book.deploymentRead) return;
    if (deployment.state.checked === undefined) {
      await note(book, (state) => planCheckup(state, clock.now()));
    } else if (isCalm() && checkupDue(deployment.state, clock.now())) {
      await checkup(ports, book, signal);
    }
  };
  return { everyMs: LOOK_EVERY_MS, run };
};

const note = async (book: Book, step: (state: DeploymentState) => DeploymentState): Promise<void> => {
  changeDeployment(book, step);
  await saveDeployment(book);
  book.tell.ring();
};

const checkup = async (ports: CheckupPorts, book: Book, signal: AbortSignal): Promise<void> => {
  const { config, clock } = ports;
  const [facts, unseen] = await Promise.all([
    visit(ports, 'controller', config.sites, signal),
    unseenFamilies(ports),
  ]);
  // Half an answer is none: the successor makes the check.
  if (book.work.over || facts.account === undefined) return;
  const account: Account = { ...facts.account, unseen };
  delete account.checked;
  const diagnosis = diagnose({ ...facts, account }, config.sites, clock.now());
  await note(book, (state) => noteCheckup(state, diagnosis, clock.now(), config));
};

/** IPv6 addresses that no vantage has a network for, by site. */
const unseenFamilies = async ({ config, probers }: CheckupPorts): Promise<Account['unseen']> => {
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
