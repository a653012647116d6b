import type { ScheduleEvent } from './contract.ts';
import { awsWorld } from './edge/aws-world.ts';
import { type Ended, tenure } from './tenure.ts';

const world = awsWorld();

/** Started by the schedule each minute; runs until the next one takes over. */
export const handler = (event: Partial<ScheduleEvent> | null): Promise<Ended> =>
  tenure(world, event?.scheduledTime);
