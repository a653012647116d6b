import { Stack } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, type MetricOptions, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { heartbeatFunction } from '../lambda/contract.ts';
import { type Config, deadManRegion } from '../lambda/core/site/site.ts';
import { AppParts, partsOf, partsOfApp } from './deployment.ts';
import { newControl } from './stacks/control.ts';
import { newDeadManStack } from './stacks/dead-man.ts';
import { zoneOf } from './stacks/held-zones.ts';
import { newStateStack } from './stacks/state.ts';
import { newVantageStack } from './stacks/vantage.ts';
import { foreignAccounts, newZoneRoles } from './stacks/zone-roles.ts';
import { newZonesStack } from './stacks/zones.ts';
import type { SwitchoverProps } from './switchover-props.ts';
import { mustBeKnown } from './synthesis-time.ts';

/**
 * Keeps names pointed at servers that work. The controller, the functions that people call and the topic are made in the stack of
 * `scope`; state, new zones, the other vantages and the alarm on silence in stacks that are children of this construct, on which that
 * stack depends. Throws a `ConfigError`, or an `Error` of one sentence where something is not known at synthesis.
 *
 * @example
 * new Switchover(stack, 'Failover', {
 *   vantages: ['eu-west-2', 'eu-west-1', 'eu-central-1'],
 *   zones: [zone],
 *   alerts: { emails: ['ops@example.co.uk'] },
 *   sites: [{
 *     name: 'www.dyn.example.co.uk',
 *     servers: [{ name: 'primary', ipv4: ['203.0.113.10'] }, { name: 'standby', ipv4: ['198.51.100.20'] }],
 *     probe: { url: 'https://www.example.co.uk/healthz' },
 *   }],
 * });
 */
export class Switchover extends Construct {
  /** Prefix of all names in AWS; the command line wants it, and the region of the stack, in its configuration. */
  readonly deployment: string;
  /** Where people are told. */
  readonly alerts: ITopic;
  /** Where programs are told, one JSON event a message: see docs/events.md. */
  readonly events: ITopic;
  /** Where people are told that nothing is decided any more: in another region, where there is a vantage in one. */
  readonly silence: ITopic;
  /** They decide and move; several where there are more sites than one looks after. */
  readonly controllers: readonly LambdaFunction[];
  /** Takes orders from people. */
  readonly consoleFunction: LambdaFunction;
  /** Answers what is, and may change nothing. */
  readonly statusFunction: LambdaFunction;
  readonly #config: Config;

  constructor(scope: Construct, id: string, props: SwitchoverProps | AppParts) {
    super(scope, id);
    const parts = props instanceof AppParts ? partsOfApp(props) : partsOf(this, props);
    const { config, place } = parts;
    const home = Stack.of(this);
    const bundles = parts.bundle(config);
    try {
      const vantages = config.vantages
        .filter((region) => region !== config.homeRegion)
        .map((region) => newVantageStack(place, config, region, bundles.prober));
      const state = newStateStack(place, config);
      const made = newZonesStack(place, config, new Set(parts.zones.keys()));
      const ofMade = [...made.ids].map(([name, id]) => [name, zoneOf(this, name, id)] as const);
      const control = newControl(this, config, {
        bundles,
        zones: new Map([...parts.zones, ...ofMade]),
        topic: parts.topic,
      });
      const deadMan = newDeadManStack(place, config, bundles.deadMan);
      // Order only: state and probers are there before the controller asks them. The one reference is that to the ids of zones, which
      // nobody knows before they are made.
      for (const stack of [state, ...(made.stack === undefined ? [] : [made.stack]), ...vantages])
        home.addStackDependency(stack);
      // A table's name that is taken stops everything before a zone is made.
      made.stack?.addStackDependency(state);
      if (parts.takesDeadManAlong) home.addStackDependency(deadMan.stack);
      else deadMan.stack.addStackDependency(home);
      this.#config = config;
      this.deployment = config.deployment;
      this.alerts = control.topic;
      this.events = control.events;
      this.silence = deadMan.topic;
      this.controllers = control.controllers;
      this.consoleFunction = control.consoleFunction;
      this.statusFunction = control.statusFunction;
    } finally {
      // The assembly has its own copy by now.
      bundles.remove();
    }
  }

  /**
   * Makes, in a stack of another account that has zones of this failover (`zones[].account`), the roles that let it reach them. The stack
   * may be deployed before this one or after it.
   */
  addZoneRoles(scope: Construct): void {
    const [from, to] = [Stack.of(this).account, Stack.of(scope).account];
    mustBeKnown(this, from, 'account of its stack');
    mustBeKnown(this, to, `account of ${Stack.of(scope).stackName}`);
    if (!foreignAccounts(this.#config).includes(to))
      throw new Error(
        `Expected the stack ${Stack.of(scope).stackName} to be in an account that a zone of ${this.node.path} names ` +
          `(${foreignAccounts(this.#config).join(', ') || 'none does'}), received ${to}; give the stack that account, or the zone its role.`,
      );
    newZoneRoles(scope, this.#config, to, from);
  }

  /** Lets somebody give orders: hold, pin, release and the others, and look. */
  grantConsole(grantee: IGrantable): Grant {
    return this.consoleFunction.grantInvoke(grantee);
  }

  /** Lets somebody look, and change nothing. */
  grantStatus(grantee: IGrantable): Grant {
    return this.statusFunction.grantInvoke(grantee);
  }

  /**
   * Moves of all sites, by itself or by hand. Asking for it makes a filter on the log of each controller, which fills a metric of
   * yours ($0.30 a month, by list price).
   */
  metricMoves(options: MetricOptions = {}): Metric {
    const metric = { metricNamespace: `Switchover/${this.deployment}`, metricName: 'Moves' };
    for (const controller of this.controllers)
      if (controller.node.tryFindChild('Moves') === undefined)
        new MetricFilter(controller, 'Moves', {
          ...metric,
          logGroup: controller.logGroup,
          // Lambda writes the time and the request before each line, so it is no JSON to CloudWatch.
          filterPattern: FilterPattern.allTerms('"event":"switch"'),
          metricValue: '1',
          defaultValue: 0,
        });
    return new Metric({
      namespace: metric.metricNamespace,
      metricName: metric.metricName,
      statistic: Stats.SUM,
      ...options,
    });
  }

  /** Runs of the controllers that ended in an error. Lambda keeps this metric for nothing. */
  metricErrors(options: MetricOptions = {}): IMetric {
    const [first, ...others] = this.controllers.map((controller) => controller.metricErrors(options));
    if (first === undefined || others.length === 0) return first as Metric;
    const all = [first, ...others].map((metric, index) => [`m${index + 1}`, metric] as const);
    return new MathExpression({
      expression: all.map(([name]) => name).join(' + '),
      label: 'Errors of controllers',
      usingMetrics: Object.fromEntries(all),
      period: first.period,
    });
  }

  /** Minutes in which a controller got its work done, counted in the region of the alarm on silence; by its number, from 1. */
  metricHeartbeats(controller = 1, options: MetricOptions = {}): Metric {
    return new Metric({
      namespace: 'AWS/Lambda',
      metricName: 'Invocations',
      dimensionsMap: { FunctionName: heartbeatFunction(this.deployment, controller) },
      region: deadManRegion(this.#config),
      statistic: Stats.SUM,
      ...options,
    });
  }
}
