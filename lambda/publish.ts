import { Fault } from './core/fault.ts';
import { noted } from './core/journal.ts';
import { strand } from './core/stranded.ts';
import { save, type Watch } from './watch.ts';
import { isoTime, logFault, type World } from './world.ts';

/** Asks how far accepted changes are; answers the sites whose changes all name servers answer with now. */
export const publish = async (world: World, watch: Watch): Promise<void> => {
  const waiting = watch.sites.filter((w) => w.state.unpublished !== undefined);
  const byChange = Map.groupBy(waiting, (w) => w.state.unpublished?.changeId ?? '');
  for (const [changeId, members] of byChange) {
    try {
      if ((await world.zones.changeStatus(changeId)) === 'PENDING') continue;
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      logFault(world, 'change', error);
      // A change that Route 53 no longer knows is stranded: the next listing tells whether it holds.
      if (error.code !== 'gone') continue;
      for (const watched of members) {
        watched.state = strand(watched.state);
        delete watched.standing;
      }
    }
    for (const watched of members) {
      const epoch = watched.state.unpublished?.epoch ?? 0;
      const { unpublished: _, ...rest } = watched.state;
      const text = `Route 53 says that all its name servers answer with epoch ${epoch}`;
      if (rest.proof?.epoch === epoch && watched.standing !== undefined) {
        rest.proof = { ...rest.proof, insyncMs: world.clock.now() };
      }
      const journal = noted(rest.journal, { atMs: world.clock.now(), what: 'published', text });
      watched.state = watched.standing === undefined ? rest : { ...rest, journal };
      if (watched.standing !== undefined) {
        world.log({ event: 'published', site: watched.site.name, epoch, at: isoTime(world.clock.now()) });
      }
      await save(world, watch, watched);
    }
  }
};
