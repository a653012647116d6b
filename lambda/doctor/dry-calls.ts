import { functionNames } from '../contract.ts';
import { Fault, type FaultCode, isUnanswered } from '../core/base/fault.ts';
import type { DryCall } from '../core/doctor/facts.ts';
import type { Announcement } from '../core/messages/announcement.ts';
import type { AlertEvent } from '../core/messages/event.ts';
import { controllerName, shardNumber } from '../core/site/shard.ts';
import { partsOfRole, type Site } from '../core/site/site.ts';
import type { Change, RecordSet } from '../core/zone/records.ts';
import { roleRecordName } from '../core/zone/role-record.ts';
import type { Again } from './again.ts';
import type { DoctorPorts } from './ports.ts';
import type { Visitor } from './visitor.ts';

/**
 * Sites of one zone that are tried: their names stand in one statement of the policy, and each try costs change tokens.
 */
const SITES_TRIED = 20;
/** Addresses that no server has (RFC 5737, RFC 3849), and a TTL that we never publish. */
const NOBODYS = {
  A: '192.0.2.1',
  AAAA: '2001:db8::1',
  CNAME: 'nobody.invalid',
  TXT: '"switchover dry call"',
};
const TTL_SECONDS = 1;
/** Later than any version that a document can have reached. */
const NO_VERSION = 2 ** 40;

/**
 * Tries what this function must be allowed to do that night, by calls that must be refused for their content: AWS
 * judges permission first, so a refusal for the content shows that it would have been allowed. That order is documented
 * for none of these services (docs/doctor.md), so the check can be too content, and never raises a false alarm.
 */
export const dryCalls = async (
  { ports, by, again }: Pick<Visitor, 'ports' | 'by' | 'again'>,
  sites: Site[],
): Promise<DryCall[]> => {
  const { config } = ports;
  const tried = trying(again);
  const name =
    by === 'controller'
      ? controllerName(config.deployment, shardNumber(config))
      : functionNames(config.deployment)[by];
  const zones = [...Map.groupBy(sites, ({ zone }) => zone)];
  const writes = zones.map(([zone, held]) =>
    tried({ by: name, does: 'write', on: zone }, 'refused', () => writeNothing(ports, zone, held)),
  );
  // A change is asked after in the account that has its zone: one zone stands for all of its account.
  const byAccount = Map.groupBy(config.zones, ({ account }) => account?.roleArn);
  const followed = [...byAccount].map(([roleArn, [zone]]) => {
    const on = `changes of Route 53${roleArn === undefined ? '' : ` in account ${partsOfRole(roleArn).account}`}`;
    return tried({ by: name, does: 'follow', on }, 'gone', () =>
      ports.zones.changeStatus('C0SWITCHOVERDRYCALL', ports.zoneIds[zone?.name ?? ''] ?? ''),
    );
  });
  return Promise.all([
    ...writes,
    tried({ by: name, does: 'announce', on: 'the alert topic' }, 'refused', () =>
      ports.topic.publish(NOTHING),
    ),
    tried({ by: name, does: 'announce', on: 'the topic of events' }, 'refused', () =>
      ports.events.publish(NO_EVENT),
    ),
    tried({ by: name, does: 'store', on: 'the state table' }, 'conflict', () =>
      ports.store.save('*dry*', '', NO_VERSION),
    ),
    ...followed,
  ]);
};

type Try = (
  what: Pick<DryCall, 'by' | 'does' | 'on'>,
  expected: FaultCode,
  call: () => Promise<unknown>,
) => Promise<DryCall>;

const trying =
  (again: Again): Try =>
  async (what, expected, call) => {
    try {
      await again(call);
      return { ...what, outcome: 'open', detail: 'the call was accepted, although nothing in it could be' };
    } catch (error) {
      if (!(error instanceof Fault)) throw error;
      const { code, message: detail } = error;
      if (code === 'denied') return { ...what, outcome: 'denied', detail };
      // The words of Route 53 for a protected record are not known; that it names a protection is (facts 1.6).
      if (/\bprotect/i.test(detail)) return { ...what, outcome: 'protected', detail };
      if (isUnanswered(code)) return { ...what, outcome: 'unanswered', detail };
      return { ...what, outcome: code === expected ? 'allowed' : 'open', detail };
    }
  };

/**
 * A batch with every name, type and action that the policy must allow. Each DELETE names values that no record has, so
 * each would be refused alone, and a batch is refused whole; the CREATE is of the role record, which is there already.
 */
const writeNothing = (ports: DoctorPorts, zone: string, sites: Site[]): Promise<unknown> => {
  const step = Math.max(1, Math.ceil(sites.length / SITES_TRIED));
  const some = sites.filter((_, index) => index % step === 0);
  const record = (name: string, type: keyof typeof NOBODYS): RecordSet => ({
    name,
    type,
    ttlSeconds: TTL_SECONDS,
    values: [NOBODYS[type]],
  });
  const changes = some.flatMap((site, index): Change[] => {
    const role = record(roleRecordName(site.name), 'TXT');
    const types = index === 0 ? (['A', 'AAAA', 'CNAME'] as const) : (['A'] as const);
    const names = site.names.flatMap((name) => types.map((type) => record(name, type)));
    return [
      ...[role, ...names].map((one): Change => ({ action: 'DELETE', record: one })),
      ...(index === 0 ? [{ action: 'CREATE', record: role } satisfies Change] : []),
    ];
  });
  return ports.zones.change(
    ports.zoneIds[zone] ?? '',
    changes,
    'switchover: a check of permissions, to be refused',
  );
};

/** No message at all: SNS takes none without a text and a subject. */
const NOTHING: Announcement = {
  id: '',
  kind: '',
  severity: 'info',
  site: '*',
  incident: '',
  subject: '',
  text: '',
  atMs: 0,
};

/** No event: SNS takes no attribute without a value, such as this kind. */
const NO_EVENT: AlertEvent = {
  v: 1,
  id: '',
  deployment: '',
  region: '',
  at: '',
  kind: '',
  headline: 'NEWS',
  severity: 'info',
  state: 'info',
  dedupKey: '',
  ends: [],
  incident: '',
  siteCount: 0,
  tags: [],
  times: {},
  subject: '',
  text: '',
  links: {},
};
