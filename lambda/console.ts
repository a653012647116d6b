import { pressed } from './console/button.ts';
import { type Answer, answerCommand } from './console/command.ts';
import { asksWhatFor, isOfWidget } from './core/orders/button.ts';
import { awsWorld } from './edge/aws-world.ts';
import type { WidgetAnswer } from './status/widget.ts';

const world = awsWorld();

/** A person's command, as a Lambda test event, by a button or from the command line. Never throws for what a person typed. */
export const handler = async (event: unknown): Promise<Answer | WidgetAnswer> =>
  isOfWidget(event) || asksWhatFor(event)
    ? pressed(world, event as Record<string, unknown>)
    : answerCommand(world, event);
