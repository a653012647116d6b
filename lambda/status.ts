import { type Answer, answerCommand } from './console/command.ts';
import { functionNames } from './contract.ts';
import { onlyReads, READS } from './core/orders/command.ts';
import { awsWorld } from './edge/aws-world.ts';

const world = awsWorld({ onlyReads: true });

/** A person's question, as a Lambda test event or from the command line. An order is refused: that is another function's. */
export const handler = async (event: unknown): Promise<Answer> => {
  if (onlyReads(event)) return answerCommand(world, event);
  const { status, console } = functionNames(world.config.deployment);
  return {
    ok: false,
    message: `Refused: ${status} only answers ${READS.join(', ')}. Everything else is asked of ${console}, by who may.`,
  };
};
