import { saveDeployment } from '../book/announce.ts';
import { change, changeDeployment } from '../book/change.ts';
import { isAway, save } from '../book/table.ts';
import { begin, type Watch, type Watched } from '../book/watch.ts';
import { hasClaim, withClaims } from '../core/state/claim.ts';
import type { Notice } from '../core/state/notice.ts';
import type { World } from '../ports.ts';

/** Whether it is stored that `id` is owed and that this controller tells it. */
const isClaimed = (
  world: World,
  watch: Watch,
  { stored }: { stored?: { outbox: Notice[] } },
  id: string,
): boolean => {
  const outbox = stored?.outbox.find((one) => one.id === id);
  return outbox !== undefined && hasClaim(outbox, watch.id, world.clock.now());
};

/**
 * Whether this controller may publish `id` of a site whose states can be stored. What is not saved as owed is not told: a controller
 * that dies now could not strike it off. Nor is what another controller may be telling. Begins to claim it where it is nobody's; the
 * save meets whatever another one has claimed, or struck off, meanwhile.
 */
export const mayPublish = (world: World, watch: Watch, watched: Watched, id: string): boolean => {
  if (isClaimed(world, watch, watched, id)) return true;
  // What is nobody's yet a successor claims.
  if (watch.over) return false;
  const claimed = withClaims(watched.state, watch.id, world.clock.now());
  if (claimed === watched.state) return false;
  change(watched, () => claimed);
  void begin(world, watch, async () => {
    await save(world, watch, watched);
    watch.tell?.();
  });
  return false;
};

const isOurs = ({ outbox }: Watch['deployment']['state'], watch: Watch, id: string): boolean =>
  outbox.find((one) => one.id === id)?.claim?.by === watch.id;

/** The same of what concerns the deployment as a whole. What could not be stored of it is told all the same. */
export const mayPublishOfAll = (world: World, watch: Watch, id: string): boolean => {
  const { deployment } = watch;
  // The rest a successor tells, or the next controller of this process.
  if (watch.over && !isAway(watch)) return isClaimed(world, watch, deployment, id);
  const isStorable = watch.deploymentRead && deployment.version !== undefined && !isAway(watch);
  if (!isStorable || world.memory.deployment !== undefined) return true;
  if (isClaimed(world, watch, deployment, id)) return true;
  if (watch.deploymentSaving !== undefined) return false;
  const claimed = withClaims(deployment.state, watch.id, world.clock.now());
  // Claimed and not stored: nobody else saves it now.
  if (claimed === deployment.state && !isOurs(claimed, watch, id)) return false;
  changeDeployment(watch, () => claimed);
  void begin(world, watch, async () => {
    await saveDeployment(world, watch);
    watch.tell?.();
  });
  return false;
};
