import { randomBytes } from 'node:crypto';
import type { SiteStatus } from '../lambda/core/orders/status.ts';
import {
  consequenceOf,
  eventOf,
  type Filled,
  firstStep,
  type Hand,
  isTime,
  secondStep,
  takesTime,
} from './hands.ts';
import { siteHref } from './looks.ts';
import { type Desk, missing, type PageReply, whole } from './reply.ts';
import { drawnOf, nameOf, oneOf, placeOf, type Whom } from './whom.ts';

/** Results of orders that nobody came back for. */
const MOST_DONE = 20;

/** What was filled in, or is filled in beforehand. */
export const filledIn = ({ source }: Desk, whom: Whom, given: URLSearchParams): Filled => ({
  server: given.get('server') ?? '',
  incident: given.get('incident') ?? oneOf(whom)?.incident ?? '',
  for: given.get('for') ?? '',
  reason: (given.get('reason') ?? '').trim(),
  by: (given.get('by') ?? source.operator).trim(),
  force: given.get('force') === '1',
  planned: given.get('planned') === '1',
  drawn: given.get('drawn') ?? drawnOf(whom),
});

const isWord = (text: string): boolean => text !== '' && text.length <= 200 && !/\p{C}/u.test(text);

/** What is wrong with a form, for people. */
const problemWith = (action: Hand, whom: Whom, filled: Filled): string | undefined => {
  if (!isWord(filled.reason)) return 'A reason is missing: a few words for those who will be told.';
  if (!isWord(filled.by)) return 'Your name is missing.';
  const isServer = oneOf(whom)?.servers.some(({ server }) => server === filled.server);
  if (action === 'acknowledge' && filled.incident === '')
    return `${nameOf(whom)} has no incident that is open.`;
  if ((action === 'pin' || action === 'point') && !isServer) return `Choose a server of ${nameOf(whom)}.`;
  if (takesTime(action) && !isTime(filled.for)) return 'Choose for how long.';
  return undefined;
};

export type Ordered = { action: Hand; whom: Whom; form: URLSearchParams; deployment: string };

/** The second step, or the order itself. One that was given on something that has changed since is not carried out. */
export const order = async (desk: Desk, { action, whom, form, deployment }: Ordered): Promise<PageReply> => {
  const { source, watcher } = desk;
  const filled = filledIn(desk, whom, form);
  const problem = problemWith(action, whom, filled);
  const title = `${action} ${nameOf(whom)}`;
  if (problem !== undefined)
    return whole(desk, 422, title, firstStep(action, whom, filled, problem), deployment, true);
  watcher.forget();
  const fresh = freshOf(whom, (await watcher.status()).sites);
  if (isOvertaken(action, fresh, filled)) {
    const changed = `The state of ${nameOf(whom)} has changed since you opened this form: ${consequenceOf(action, fresh, filled)} Look at it, and go on if you still want to.`;
    const again = { ...filled, drawn: drawnOf(fresh), incident: oneOf(fresh)?.incident ?? '' };
    return whole(desk, 409, title, firstStep(action, fresh, again, changed), deployment, true);
  }
  if (form.get('sure') !== '1')
    return whole(desk, 200, title, secondStep(action, fresh, filled, source), deployment, true);
  const answer = await source.ask(eventOf(action, whom, filled));
  watcher.forget();
  return back(desk, placeOf(whom), { ok: answer.ok, text: answer.message });
};

/** Whether something else is there than when the form was drawn. For an acknowledgement it is the incident: a site may move in it at any time. */
const isOvertaken = (action: Hand, fresh: Whom, { drawn, incident }: Filled): boolean =>
  action === 'acknowledge' ? incident !== oneOf(fresh)?.incident : drawn !== drawnOf(fresh);

/** The same as they are now. */
const freshOf = (whom: Whom, sites: readonly SiteStatus[]): Whom => {
  const one = oneOf(whom);
  return one === undefined ? sites : (sites.find(({ site }) => site === one.site) ?? one);
};

/** Leads back to where it is shown once what came of it: a page that is loaded again gives no order again. */
const back = ({ done }: Desk, path: string, cameOf: { ok: boolean; text: string }): PageReply => {
  const id = randomBytes(9).toString('base64url');
  done.set(id, cameOf);
  for (const old of [...done.keys()].slice(0, -MOST_DONE)) done.delete(old);
  return { status: 303, body: '', location: `${path}?done=${id}` };
};

/** Makes a server of the demo fail, or work again. */
export const perform = async (desk: Desk, form: URLSearchParams): Promise<PageReply> => {
  const { demo } = desk.source;
  if (demo === undefined) return missing(desk, 'There are no demo servers here.');
  const site = form.get('site') ?? '';
  try {
    const text = await demo.perform(form.get('server') ?? '', form.get('do') ?? '');
    return back(desk, siteHref(site), { ok: true, text });
  } catch (error) {
    return back(desk, siteHref(site), { ok: false, text: (error as Error).message });
  }
};

/** Makes the local cloud fail in one way more, or lets all be well. */
export const trouble = async (desk: Desk, form: URLSearchParams): Promise<PageReply> => {
  const { cloud } = desk.source;
  if (cloud === undefined) return missing(desk, 'There is no local cloud here.');
  const name = form.get('do') ?? '';
  const means = Object.hasOwn(cloud.troubles, name) ? cloud.troubles[name] : undefined;
  try {
    if (name === 'clear') await cloud.clear();
    else if (means !== undefined) await cloud.play(name);
    else
      throw new Error(
        `Expected one of ${Object.keys(cloud.troubles).join(', ')} and clear, received ${name}.`,
      );
    const text = means === undefined ? 'All is well with the cloud again.' : `From now on ${means}.`;
    return back(desk, '/', { ok: true, text });
  } catch (error) {
    return back(desk, '/', { ok: false, text: (error as Error).message });
  }
};
