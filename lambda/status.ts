import { functionNames } from './contract.ts';
import { asksWhatFor, isOfWidget } from './core/orders/button.ts';
import { onlyReads, READS } from './core/orders/command.ts';
import { awsWorld } from './edge/aws-world.ts';
import { answering, type Looked, look } from './status/answer.ts';
import { type WidgetAnswer, widget } from './status/widget.ts';

const world = awsWorld({ onlyReads: true });

/**
 * A person's question, as a Lambda test event, from the command line, or by a widget of a dashboard. An order is refused: that is another
 * function's.
 */
export const handler = async (
  event: unknown,
  context: { invokedFunctionArn: string },
): Promise<Looked | WidgetAnswer> => {
  if (isOfWidget(event) || asksWhatFor(event))
    return widget(world, event as Record<string, unknown>, context.invokedFunctionArn);
  if (onlyReads(event))
    return answering(world.config, event, async (command) => (await look(world, command)) ?? refusal());
  return refusal();
};

/** An order, or what is none: that is another function's. */
const refusal = (): Looked => {
  const { status, console } = functionNames(world.config.deployment);
  return {
    ok: false,
    message: `Refused: ${status} only answers ${READS.join(', ')}. Everything else is asked of ${console}, by who may.`,
  };
};
