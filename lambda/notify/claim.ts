import { type Book, entryOf } from '../book/book.ts';
import { change, changeDeployment } from '../book/change.ts';
import { saveDeployment } from '../book/deployment.ts';
import { isAway, save } from '../book/table.ts';
import type { Site } from '../core/site/site.ts';
import { isUnanswered } from '../core/state/answered-order.ts';
import { hasClaim, withClaims } from '../core/state/claim.ts';
import type { SiteNews } from '../core/state/news.ts';
import type { Notice } from '../core/state/notice.ts';

type Outbox = { outbox: Notice[] };

/** Whether it is stored that `id` is pending and that this controller tells it. */
const isClaimed = (book: Book, { stored }: { stored?: Outbox }, id: string): boolean => {
  const notice = stored?.outbox.find((one) => one.id === id);
  return notice !== undefined && hasClaim(notice, book.id, book.clock.now());
};

/**
 * Whether this controller may publish `id` of a site whose states can be stored. What is not saved as pending is not
 * told: a controller that dies now could not acknowledge it. Nor is what another controller may be telling. Begins to
 * claim it where it is nobody's; the save meets whatever another one has claimed, or acknowledged, meanwhile.
 */
export const mayPublish = (book: Book, site: Site, id: string): boolean => {
  const entry = entryOf(book, site);
  if (isClaimed(book, entry, id)) return true;
  // What is nobody's yet a successor claims.
  if (book.work.over) return false;
  const { outbox } = entry.state;
  const isMeant = (one: Notice<SiteNews>) => one.id === id || !isUnanswered(one, outbox);
  const claimed = withClaims(entry.state, book.id, book.clock.now(), isMeant);
  if (claimed === entry.state) return false;
  change(book, site, () => claimed);
  void book.work.begin(async () => {
    await save(book, site);
    book.tell.ring();
  });
  return false;
};

const isOurs = ({ outbox }: Outbox, by: string, id: string): boolean =>
  outbox.find((one) => one.id === id)?.claim?.by === by;

/** The same of what concerns the deployment as a whole. What could not be stored of it is told all the same. */
export const mayPublishOfAll = (book: Book, id: string): boolean => {
  const { deployment, work } = book;
  // The rest a successor tells, or the next controller of this process.
  if (work.over && !isAway(book)) return isClaimed(book, deployment, id);
  const isStorable = book.deploymentRead && deployment.version !== undefined && !isAway(book);
  if (!isStorable || book.memory.deployment !== undefined) return true;
  if (isClaimed(book, deployment, id)) return true;
  if (book.deploymentSaving !== undefined) return false;
  const claimed = withClaims(deployment.state, book.id, book.clock.now());
  // Claimed and not stored: nobody else saves it now.
  if (claimed === deployment.state && !isOurs(claimed, book.id, id)) return false;
  changeDeployment(book, () => claimed);
  void work.begin(async () => {
    await saveDeployment(book);
    book.tell.ring();
  });
  return false;
};
