import type { StackProps } from 'aws-cdk-lib';
import type { IHostedZone } from 'aws-cdk-lib/aws-route53';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { AlertInput, SwitchoverConfig, ZoneInput } from './config/input.ts';

/** What may be said of the stacks that are made: no name, since it would be that of several. */
export type VantageStackProps = StackProps & { readonly stackName?: never };

/**
 * What a failover in a stack of your own is told: the fields of the configuration, but for what the stack itself says. Every text in it
 * has to be known at synthesis, since it is written into the code of the functions; the ids of zones and of the topic need not be.
 */
export interface SwitchoverProps
  extends Omit<SwitchoverConfig, 'deployment' | 'homeRegion' | 'local' | 'zones' | 'alerts'> {
  /**
   * Prefix of all names in AWS, unique in account and region: 'main' gives the functions main-controller and main-console.
   *
   * @default - made of the path of the construct: short, and another one in each stage
   */
  readonly deployment?: string;
  /** Public hosted zones that hold the records: of your app, or by name and id; one without an id is made. */
  readonly zones: (ZoneInput | IHostedZone)[];
  /** Who is told. The alarm on silence has a topic of its own in another region, which mails `emails` alone. */
  readonly alerts?: {
    /** Each is asked by AWS to confirm. */
    readonly emails?: string[];
    /** Others who are told, some of them only of some sites or in a pager or chat: as `alerts` of a configuration. */
    readonly routes?: AlertInput[];
    /**
     * A topic in the region of the stack, such as one that your pager is subscribed to. `emails` are subscribed to it, too, unless your
     * app has done so.
     *
     * @default - one is made, which mails `emails`
     */
    readonly topic?: ITopic;
  };
  /**
   * Properties of the stacks that are made in other regions, and of those of state and zones at home: a synthesizer of your own, for
   * example. The region and the account stay what they are, and so do the names: two stacks may be in one region. Tags, aspects and permissions boundaries come from your stack.
   */
  readonly vantageStackProps?: (region: string) => VantageStackProps;
}
