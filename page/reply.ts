import { type Html, html } from '../lambda/core/view/html.ts';
import { page } from './shell.ts';
import type { PageSource } from './source.ts';
import type { Watcher } from './watcher.ts';

/** A request as the routes need it. `form` is what was posted. */
export type PageRequest = { path: string; query: URLSearchParams; form?: URLSearchParams };
export type PageReply = {
  status: number;
  body: string;
  location?: string;
  /** Whether a style within the page is to be allowed. */
  ownStyle?: boolean;
};

/** What the routes work on; `done` keeps what came of an order until it was shown. */
export type Desk = {
  source: PageSource;
  watcher: Watcher;
  done: Map<string, { ok: boolean; text: string }>;
};

/** A reply that is a page. */
export const whole = (
  { source }: Desk,
  status: number,
  title: string,
  main: Html,
  deployment = 'Switchover',
  back = status !== 200,
): PageReply => ({
  status,
  body: page(
    { title: `${title} · ${deployment}`, deployment, where: source.where, called: source.called, back },
    main,
  ),
});

/** There is no such page. */
export const missing = (desk: Desk, text: string): PageReply =>
  whole(desk, 404, 'Not there', html`<h1>Not there</h1><p class="why">${text}</p>`);
