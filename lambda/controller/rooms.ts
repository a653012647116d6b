import { act } from '../apply/act.ts';
import { openApply } from '../apply/gate.ts';
import { moveAddress } from '../apply/move-address.ts';
import { publishTask } from '../apply/publish.ts';
import { openAssessments } from '../assess/assess.ts';
import { newBell } from '../async/bell.ts';
import { newLanes } from '../async/lanes.ts';
import type { Task } from '../async/task.ts';
import { newWork } from '../async/work.ts';
import { openBook } from '../book/book.ts';
import { historyTask } from '../book/history.ts';
import { storeTask } from '../book/table.ts';
import type { Site } from '../core/site/site.ts';
import { askTask } from '../dns/asking.ts';
import { checkupTask } from '../doctor/checkup.ts';
import { openTellers } from '../notify/open.ts';
import { tellTask } from '../notify/teller.ts';
import { openObserver } from '../observe/observe.ts';
import type { World } from '../ports.ts';
import { openListings } from '../zones/listing.ts';
import { listAnew } from './baton.ts';
import { newHeart } from './heartbeat.ts';
import { isCalm, openSchedule } from './schedule.ts';

/**
 * The rooms of one controller, each with the ports that it uses: what goes on in them begins when they are called.
 * `signal` says when the controller ends, `lastRoundMs` when anybody looked last.
 */
export const openRooms = (world: World, signal: AbortSignal, lastRoundMs = 0) => {
  const work = newWork(world, signal);
  const book = openBook(world, { id: world.nonce(), work, tell: newBell() });
  const listings = openListings(world, book);
  const assessments = openAssessments(world, book, listings);
  const observer = openObserver(world, assessments);
  const apply = openApply(world, book, assessments);
  const tellers = openTellers(world, book, assessments);
  const schedule = openSchedule(world, assessments, { wake: newBell(), lastRoundMs });
  const heart = newHeart(world.probers, apply, tellers);
  const lanes = {
    zones: newLanes<Site>(world.clock, (_, sites) => work.begin(() => act(apply, sites))),
    addresses: newLanes<Site>(world.clock, (_, [site]) =>
      work.begin(async () => {
        if (site !== undefined) await moveAddress(apply, site);
      }),
    ),
  };
  const { dns, doctorTools } = world;
  const asking = { ...world, work, book, listings, assessments, rounds: schedule.slots };
  /** What goes on along with the rounds, each for itself. */
  const tasks: (() => Task | undefined)[] = [
    () => storeTask(book, () => listAnew(schedule, world.config.sites)),
    () => publishTask(apply),
    () => tellTask(book, tellers),
    () => doctorTools && checkupTask({ ...world, doctorTools }, book, () => isCalm(schedule)),
    () => dns && askTask(asking, dns, signal),
    () => historyTask(book),
  ];
  return {
    work,
    book,
    observer,
    tellers,
    schedule,
    rounds: { schedule, observer, apply, lanes, heart },
    tasks,
  };
};
