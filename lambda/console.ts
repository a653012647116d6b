import { type Answer, answerCommand } from './console/command.ts';
import { awsWorld } from './edge/aws-world.ts';

const world = awsWorld();

/** A person's command, as a Lambda test event or from the command line. Never throws for what a person typed. */
export const handler = (event: unknown): Promise<Answer> => answerCommand(world, event);
