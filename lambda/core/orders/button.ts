import { shownValue } from '../base/shown.ts';

/**
 * An order by a button of a dashboard: the event that the console takes, what the site was when the button was drawn, and until when it
 * may be pressed. Who pressed it nobody knows: the name is what was typed, and no more.
 */
export type Pressed = { event: Record<string, unknown>; site: string; drawn: string; untilMs: number };

/** Orders that a button gives. The others need a choice that a form of a dashboard does not have. */
export const BUTTONS = ['hold', 'pin', 'failback', 'release'] as const;

/** Whether an event comes from a widget of a dashboard: CloudWatch puts in what surrounds it. */
export const isOfWidget = (event: unknown): event is Record<string, unknown> =>
  typeof Object(event).widgetContext === 'object' && Object(event).widgetContext !== null;

/** Whether a dashboard asks what a function is for; it may ask so without any context. */
export const asksWhatFor = (event: unknown): boolean => Object(event).describe === true;

const LONGEST = 200;
const textIn = (value: unknown): string => (typeof value === 'string' ? value.trim().slice(0, LONGEST) : '');

/** Reads the press of a button, or says what is wrong with it. What was typed is checked where every order is. */
export const pressedIn = (event: Record<string, unknown>): Pressed | { refused: string } => {
  const { action, site, server, forSeconds, drawn, until, widgetContext } = event;
  if (!(BUTTONS as readonly unknown[]).includes(action))
    return { refused: `Expected a button for ${BUTTONS.join(', ')}, received ${shownValue(action, 100)}.` };
  const untilMs = typeof until === 'string' ? Date.parse(until) : Number.NaN;
  if (typeof site !== 'string' || typeof drawn !== 'string' || Number.isNaN(untilMs))
    return {
      refused: 'Expected a button with the site, what it was drawn for and until when, received none.',
    };
  const typed = Object(Object(Object(widgetContext).forms).all);
  return {
    site,
    drawn,
    untilMs,
    event: {
      action,
      site,
      reason: textIn(typed.reason),
      by: textIn(typed.by),
      ...(server !== undefined && { server }),
      ...(forSeconds !== undefined && { forSeconds }),
    },
  };
};
