import { asksWhatFor, pressedIn } from '../core/orders/button.ts';
import { drawnFor } from '../core/orders/drawn.ts';
import { WIDGET_DOCS, widgetAnswer } from '../core/view/widget.ts';
import { status } from '../status/report.ts';
import type { WidgetAnswer } from '../status/widget.ts';
import { answerCommand } from './command.ts';
import type { ConsolePorts } from './ports.ts';

/**
 * Carries out what a button of a dashboard orders, if the site still is what it was drawn for and it was drawn a few minutes ago at most: a
 * second press, or one on a page that was left open, changes nothing. A dashboard that only asks what this is for is told.
 */
export const pressed = async (ports: ConsolePorts, event: Record<string, unknown>): Promise<WidgetAnswer> => {
  if (asksWhatFor(event)) return { markdown: WIDGET_DOCS };
  const button = pressedIn(event);
  if ('refused' in button) return widgetAnswer(false, button.refused);
  if (ports.clock.now() > button.untilMs)
    return widgetAnswer(false, 'This button was drawn too long ago. Refresh the dashboard, and look again.');
  const site = ports.config.sites.find(({ name }) => name === button.site);
  if (site === undefined) return widgetAnswer(false, `There is no site ${button.site}.`);
  const [now] = (await status(ports, [site])).sites;
  if (now === undefined || drawnFor(now) !== button.drawn)
    return widgetAnswer(false, `${site.name} has changed meanwhile. Refresh the dashboard, and look again.`);
  const { ok, message } = await answerCommand(ports, button.event);
  return widgetAnswer(ok, message);
};
