import type { ScheduleEvent } from './contract.ts';
import { type Ended, runTerm } from './controller/term.ts';
import { awsWorld } from './edge/aws-world.ts';
import { systemClock } from './edge/clock.ts';
import { keepSecrets } from './edge/secrets.ts';
import type { ReadParameters } from './ports.ts';

/** Few sites have secrets, and loading the client takes time: it is loaded when one is wanted. */
const readParameters = async (names: string[]) => {
  const { ssmClient, ssmParameters } = await import('./edge/ssm.ts');
  parameters ??= ssmParameters(ssmClient());
  return parameters(names);
};
let parameters: ReadParameters | undefined;

const world = { ...awsWorld(), secrets: keepSecrets(readParameters, systemClock) };

/** Started by the schedule each minute; runs until the next one takes over. */
export const handler = (event: Partial<ScheduleEvent> | null): Promise<Ended> =>
  runTerm(world, event?.scheduledTime);
