import { randomUUID } from 'node:crypto';
import { ENV } from '../contract.ts';
import type { NotifierConfig } from '../core/site/site.ts';
import type { NotifierPorts, ReadParameters } from '../ports.ts';
import { bakedConfig, required } from './baked-config.ts';
import { systemClock } from './clock.ts';
import { printLine } from './log.ts';
import { httpPoster } from './post.ts';
import { keepSecrets } from './secrets.ts';
import { snsClient, snsTopic } from './sns.ts';
import { ssmClient, ssmParameters } from './ssm.ts';

/** What the notifier has on AWS, from its environment and the configuration in its bundle; throws when either is missing. */
export const notifierPorts = (): NotifierPorts => {
  const config = bakedConfig<NotifierConfig>();
  const parameters: ReadParameters = ssmParameters(ssmClient());
  return {
    config,
    clock: systemClock,
    log: printLine,
    post: httpPoster(),
    secrets: keepSecrets(parameters, systemClock),
    topic: snsTopic(snsClient(), required(ENV.topicArn), config.deployment),
    nonce: randomUUID,
  };
};
