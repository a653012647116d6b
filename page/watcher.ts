import type { StatusDocument } from '../lambda/core/orders/status-document.ts';
import { newsBetween } from './news.ts';
import type { PageSource } from './source.ts';

/** Somebody who watches: told that there is something new, and what is to be said of it. */
export type Listener = (event: { news: string }) => void;

/** The status, asked for once for all who look. */
export type Watcher = {
  /** At most a moment old. Rejects when it cannot be asked for. */
  status(): Promise<StatusDocument>;
  /** Looks again and again while anybody listens. Answers what ends it. */
  listen(listener: Listener): () => void;
  /** What was seen is old: something was done. */
  forget(): void;
  close(): void;
};

/** Several who load a page in the same moment are shown the same. */
const FRESH_MS = 500;

/** Asks the status function what concerns all sites. The message of what it answers instead is for people. */
const askStatus = async (source: PageSource): Promise<StatusDocument> => {
  const answer = await source.ask({ action: 'status' });
  if (answer.v === 1) return answer as StatusDocument;
  throw new Error(
    answer.sites === undefined
      ? answer.message
      : 'Another version of Switchover is deployed, whose status this page cannot read. Deploy this one, or check out that one.',
  );
};

/** What is new is told; that time has passed alone is not. */
const likenessOf = ({ at: _, ...rest }: StatusDocument): string => JSON.stringify(rest);

export const watchStatus = (source: PageSource): Watcher => {
  const listeners = new Set<Listener>();
  let last: { document: StatusDocument; likeness: string; atMs: number } | undefined;
  let asking: Promise<StatusDocument> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const ask = async (): Promise<StatusDocument> => {
    const document = await askStatus(source);
    const likeness = likenessOf(document);
    const news = newsBetween(last?.document, document);
    const isNew = likeness !== last?.likeness;
    last = { document, likeness, atMs: performance.now() };
    if (isNew) for (const listener of listeners) listener({ news });
    return document;
  };
  const askOnce = (): Promise<StatusDocument> => {
    asking ??= ask().finally(() => {
      asking = undefined;
    });
    return asking;
  };
  const look = async (): Promise<void> => {
    // Who cannot be asked now may be asked at the next look; a page that is loaded says so.
    await askOnce().catch(() => {});
    if (listeners.size > 0) timer = setTimeout(look, source.everyMs);
    else timer = undefined;
  };
  return {
    status: () =>
      last !== undefined && performance.now() - last.atMs < FRESH_MS
        ? Promise.resolve(last.document)
        : askOnce(),
    listen: (listener) => {
      listeners.add(listener);
      timer ??= setTimeout(look, source.everyMs);
      return () => listeners.delete(listener);
    },
    forget: () => {
      if (last !== undefined) last.atMs = Number.NEGATIVE_INFINITY;
    },
    close: () => {
      listeners.clear();
      clearTimeout(timer);
    },
  };
};
