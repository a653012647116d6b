import type { AlertEvent } from '../messages/event.ts';

/** How an event looks where there are colours and signs. `color` is RGB; `tag` is what ntfy calls the sign. */
export type Look = { sign: string; color: number; tag: string };

const LOOKS = {
  resolve: { sign: '✅', color: 0x2e7d32, tag: 'white_check_mark' },
  critical: { sign: '🔴', color: 0xc62828, tag: 'rotating_light' },
  warning: { sign: '🟠', color: 0xef6c00, tag: 'warning' },
  info: { sign: '🔵', color: 0x1565c0, tag: 'information_source' },
} as const satisfies Record<string, Look>;

export const lookOf = ({ state, severity }: AlertEvent): Look =>
  LOOKS[state === 'resolve' ? 'resolve' : severity];

/** What stands in small print under a message. */
export const smallPrint = ({ deployment, region, incident, severity }: AlertEvent): string =>
  `Switchover ${deployment}, ${region} · incident ${incident} · ${severity}`;

/** What can be opened from a message, in the order in which it helps. */
export const linksOf = ({ links }: AlertEvent): { href: string; text: string }[] =>
  (
    [
      [links.dashboard, 'Dashboard'],
      [links.console, 'Give an order'],
      [links.site, 'The site'],
    ] as const
  ).flatMap(([href, text]) => (href === undefined ? [] : [{ href, text }]));
