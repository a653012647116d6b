import { deadManNames, muteRuleName, undeliveredName } from '../contract.ts';
import { shardConfigs } from '../core/site/shard.ts';
import { type Config, deadManRegion } from '../core/site/site.ts';

/** Alarms of the deployment in one region, and the mute rule there that is ours. */
export type OwnAlarms = { region: string; rule: string; names: string[] };

/** All alarms of a deployment. A mute rule is of one region, and holds a hundred of them (API reference, PutAlarmMuteRule). */
export const ownAlarms = (config: Config): OwnAlarms[] => {
  const { deployment, alerts, homeRegion } = config;
  const silence = shardConfigs(config).map((_, index) => deadManNames(deployment, index + 1).alarm);
  const posting = alerts.channels === undefined ? [] : [undeliveredName(deployment)];
  const byRegion = Map.groupBy(
    [
      ...silence.map((name) => ({ region: deadManRegion(config), name })),
      ...posting.map((name) => ({ region: homeRegion, name })),
    ],
    ({ region }) => region,
  );
  const rule = muteRuleName(deployment);
  return [...byRegion].map(([region, all]) => ({ region, rule, names: all.map(({ name }) => name) }));
};
