import { ownAlarms } from '../lambda/console/own-alarms.ts';
import { type Config, deadManRegion } from '../lambda/core/site/site.ts';
import type { Metrics } from './metric-data.ts';
import type { Call, Demand, Reply, Service } from './service.ts';
import type { AlarmSpec } from './specs.ts';

export type CloudWatchOptions = {
  accountId: string;
  alarms: AlarmSpec[];
  /** Where `GetMetricData` is answered from. */
  metrics?: Metrics;
  now?: () => number;
};

/** CloudWatch, and whether an alarm of a region is muted at this moment. */
export type CloudWatch = Service & { isMuted(alarm: AlarmSpec): boolean };

/** The header `x-amz-target` names an operation after this and a dot. */
const TARGET = 'GraniteServiceVersion20100801';
/** Alarms of one rule (API reference, MuteTargets). */
const ALARMS_MAX = 100;

type Asked = {
  Name?: string;
  AlarmMuteRuleName?: string;
  Rule?: { Schedule?: { Expression?: string; Duration?: string } };
  MuteTargets?: { AlarmNames?: string[] };
};
type MuteRule = { names: string[]; fromMs: number; untilMs: number; input: Asked };

const MINUTE_MS = 60_000;
const MINUTES = { D: 1440, H: 60, M: 1 } as const;
const LONGEST_MINUTES = 15 * MINUTES.D;

/** ISO 8601 of days, hours and minutes. */
const minutesIn = (duration: string): number | undefined => {
  const [whole, days = 0, hours = 0, minutes = 0] =
    /^P(?=.)(?:(\d+)D)?(?:T(?=.)(?:(\d+)H)?(?:(\d+)M)?)?$/.exec(duration) ?? [];
  return whole === undefined
    ? undefined
    : Number(days) * MINUTES.D + Number(hours) * MINUTES.H + Number(minutes) * MINUTES.M;
};

/**
 * Mute rules of one window: `PutAlarmMuteRule`, `GetAlarmMuteRule` and `DeleteAlarmMuteRule`, in the JSON that the SDK speaks to CloudWatch. No
 * alarm rings here, so what a rule mutes is the local cloud's own word of a silent controller. Rules of cron expressions are refused.
 */
export const cloudwatchService = ({
  accountId,
  alarms,
  metrics,
  now = Date.now,
}: CloudWatchOptions): CloudWatch => {
  const rules = new Map<string, MuteRule>();
  const keyOf = (region: string, name: string) => `${region}/${name}`;
  const operations: Record<string, (call: Call, asked: Asked) => Reply> = {
    PutAlarmMuteRule: ({ region }, asked) => {
      const { Name = '', Rule, MuteTargets } = asked;
      const names = MuteTargets?.AlarmNames ?? [];
      const { Expression = '', Duration = '' } = Rule?.Schedule ?? {};
      const [, minute] = /^at\((\d{4}-\d\d-\d\dT\d\d:\d\d)\)$/.exec(Expression) ?? [];
      const fromMs = Date.parse(`${minute}Z`);
      const minutes = minutesIn(Duration) ?? 0;
      if (!/^[\w-]{1,255}$/.test(Name)) return invalid(`The rule's name "${Name}" is not valid.`);
      if (Number.isNaN(fromMs)) return invalid(`The expression "${Expression}" is not valid.`);
      if (minutes < 1 || minutes > LONGEST_MINUTES)
        return invalid(`The duration "${Duration}" is not valid.`);
      const unknown = names.filter(
        (name) => !alarms.some((one) => one.name === name && one.region === region),
      );
      if (unknown.length > 0 || names.length > ALARMS_MAX)
        return invalid(
          `The alarms ${unknown.join(', ')} do not exist, or there are more than ${ALARMS_MAX}.`,
        );
      rules.set(keyOf(region, Name), { names, fromMs, untilMs: fromMs + minutes * MINUTE_MS, input: asked });
      return reply({});
    },
    DeleteAlarmMuteRule: ({ region }, { AlarmMuteRuleName = '' }) => {
      rules.delete(keyOf(region, AlarmMuteRuleName));
      return reply({});
    },
    GetAlarmMuteRule: ({ region }, { AlarmMuteRuleName = '' }) => {
      const rule = rules.get(keyOf(region, AlarmMuteRuleName));
      if (rule === undefined) return refusal(404, 'ResourceNotFoundException', 'The rule does not exist.');
      const status = now() < rule.fromMs ? 'SCHEDULED' : now() < rule.untilMs ? 'ACTIVE' : 'EXPIRED';
      return reply({ ...rule.input, Status: status, MuteType: 'ONE_TIME' });
    },
    ...(metrics !== undefined && { GetMetricData: metrics.answer }),
  };
  const operation = ({ headers }: Call): string | undefined => {
    const [service, name = ''] = (headers['x-amz-target'] ?? '').split('.');
    return service === TARGET && Object.hasOwn(operations, name) ? name : undefined;
  };
  return {
    name: 'monitoring',
    operations: Object.keys(operations),
    operation,
    demands: (call): Demand[] => {
      if (operation(call) === 'GetMetricData')
        return [{ action: 'cloudwatch:GetMetricData', resource: '*', context: {} }];
      const { Name, AlarmMuteRuleName = Name, MuteTargets } = askedOf(call);
      const arnOf = (resource: string) => `arn:aws:cloudwatch:${call.region}:${accountId}:${resource}`;
      const targets = (MuteTargets?.AlarmNames ?? []).map((name) => arnOf(`alarm:${name}`));
      return [arnOf(`alarm-mute-rule:${AlarmMuteRuleName}`), ...targets].map((resource) => ({
        action: `cloudwatch:${operation(call)}`,
        resource,
        context: {},
      }));
    },
    handle: async (call) => operations[operation(call) ?? '']!(call, askedOf(call)),
    error: refusal,
    isMuted: ({ region, name }) =>
      [...rules].some(
        ([key, { names, fromMs, untilMs }]) =>
          key.startsWith(`${region}/`) && names.includes(name) && fromMs <= now() && now() < untilMs,
      ),
  };
};

/** Whether each alarm on silence is muted now. */
export const isSilenceMuted =
  (config: Config, { isMuted }: CloudWatch) =>
  (): boolean =>
    ownAlarms(config)
      .filter(({ region }) => region === deadManRegion(config))
      .every(({ region, names }) => names.every((name) => isMuted({ region, name })));

const askedOf = ({ body }: Call): Asked => {
  try {
    return Object(JSON.parse(body.toString('utf8')));
  } catch {
    return {};
  }
};

const JSON_TYPE = { 'content-type': 'application/x-amz-json-1.0' };

const reply = (body: object): Reply => ({ status: 200, headers: JSON_TYPE, body: JSON.stringify(body) });

const refusal = (status: number, code: string, message: string): Reply => ({
  status,
  headers: JSON_TYPE,
  body: JSON.stringify({ __type: code, message }),
});

const invalid = (message: string): Reply => refusal(400, 'ValidationError', message);
