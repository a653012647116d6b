import { isUnanswered } from '../base/fault.ts';
import { clockTime, duration } from '../base/time.ts';
import type { SiteStatus } from '../orders/status.ts';
import { holderText, shortTime } from '../orders/status-document.ts';
import { quorum } from '../site/site.ts';
import type { Finding } from '../state/finding.ts';
import type { Code } from './catalogue.ts';
import type { Account, DryCall } from './facts.ts';
import { finding, listed } from './findings.ts';

/** The controller checks each day; beyond this something keeps it. Milliseconds. */
const OVERDUE_MS = 50 * 3_600_000;

/** What only the account knows: whether the parts that would act that night are there and may act. */
export const accountFindings = (account: Account): Finding[] => {
  if (account.absent !== undefined) return [finding('not-deployed', {}, account.absent)];
  return [
    ...deploymentFindings(account),
    ...account.zones.flatMap(zoneFindings),
    ...account.sites.flatMap((site) => siteFindings(site, account.nowMs)),
    ...account.topics.flatMap(topicFindings),
    ...account.calls.flatMap(callFindings),
    ...sharingFindings(account),
    ...account.unseen.map(({ site, addresses }) =>
      finding('family-unseen', { site }, `No vantage can look at ${listed(addresses)} of ${site}.`),
    ),
    // What the controller alone can find, unless this place has found the same.
    ...(account.checked?.kept ?? []),
  ];
};

const sharingFindings = ({ sharing = [] }: Account): Finding[] => {
  const roles = sharing.filter(({ mayOrder }) => mayOrder).map(({ role }) => role);
  if (roles.length === 0) return [];
  const verb =
    roles.length === 1 ? 'shares a dashboard of this account and' : 'share dashboards of this account and';
  return [finding('sharing-may-order', {}, `${listed(roles)} ${verb} may call the console function.`)];
};

const deploymentFindings = (account: Account): Finding[] => {
  const {
    differs = [],
    silent,
    late,
    storeTrouble,
    blind,
    blindFor = {},
    vantages,
    checked,
    nowMs,
  } = account;
  const seeing = vantages - blind.length;
  const why = blind.flatMap((vantage) => (blindFor[vantage] ? [`${vantage}: ${blindFor[vantage]}`] : []));
  const because = why.length === 0 ? '' : ` (${why.join('; ')})`;
  return [
    ...(differs.length === 0
      ? []
      : [
          finding(
            'not-as-deployed',
            {},
            `The configuration here differs from the deployed one: ${differs.join('; ')}.`,
          ),
        ]),
    ...(silent === undefined ? [] : [finding('controller-silent', {}, silent)]),
    ...(late === undefined ? [] : [finding('sites-unread', {}, late)]),
    ...(storeTrouble === undefined
      ? []
      : [finding('state-away', {}, `The state table could not be used: ${storeTrouble}.`)]),
    ...(blind.length === 0 ? [] : [finding('vantage-blind', {}, `${listed(blind)} cannot look${because}.`)]),
    ...(blind.length === 0 || seeing >= quorum(vantages)
      ? []
      : [
          finding(
            'quorum-blind',
            {},
            `${seeing} of ${vantages} vantages see anything, and ${quorum(vantages)} must agree${because}.`,
          ),
        ]),
    ...(checked === undefined || nowMs - checked.atMs <= OVERDUE_MS
      ? []
      : [
          finding(
            'checkup-overdue',
            {},
            `The controller's last daily check was ${duration(nowMs - checked.atMs)} ago, at ${clockTime(checked.atMs)}.`,
          ),
        ]),
  ];
};

const zoneFindings = ({
  zone,
  id,
  accelerated,
  others = [],
  trouble,
}: Account['zones'][number]): Finding[] => {
  if (trouble !== undefined) {
    return [
      finding(
        trouble.code === 'gone'
          ? 'zone-gone'
          : isUnanswered(trouble.code)
            ? 'zone-unanswered'
            : 'zone-unread',
        { zone },
        `${zone} (${id}): ${trouble.text}`,
      ),
    ];
  }
  const state = `Accelerated recovery of ${zone} (${id}) is ${accelerated ?? 'not on'}`;
  const isOff = accelerated === undefined || accelerated === 'DISABLED' || /FAILED/.test(accelerated);
  return [
    ...(others.length === 0
      ? []
      : [
          finding(
            'second-zone',
            { zone },
            `${zone} is ${id}, and this account has ${listed(others)} of the same name.`,
          ),
        ]),
    ...(isOff ? [finding('accelerated-recovery-off', { zone }, `${state}.`)] : []),
    ...(isOff || accelerated === 'ENABLED' ? [] : [finding('zone-locked', { zone }, `${state}.`)]),
  ];
};

const STANDING: Partial<Record<SiteStatus['zone'], Code>> = {
  edited: 'edited-by-hand',
  nothing: 'no-record',
};
const MODES: Partial<Record<SiteStatus['mode'], Code>> = { held: 'held', pinned: 'pinned' };

/** Notes of the status that are findings in the same words. */
const TOLD_NOTES = ['announcements-waiting', 'standby-blocked', 'server-blocked', 'address-hints'] as const;
const isTold = (code: string): code is (typeof TOLD_NOTES)[number] =>
  (TOLD_NOTES as readonly string[]).includes(code);

/** Whose hold or pin it is, why and until when; of what an earlier version answers, until when alone. */
const modeOf = ({ mode, until, holder }: Account['sites'][number], nowMs: number): string => {
  if (!holder) return `${mode} until ${until === null ? 'nobody knows when' : shortTime(until, nowMs)}`;
  return `${holderText(holder, nowMs)}${holder.reason === null ? '' : `: "${holder.reason}"`}`;
};

const siteFindings = (status: Account['sites'][number], nowMs: number): Finding[] => {
  const { site, zone, mode, notes } = status;
  const [view, override] = [STANDING[zone], MODES[mode]];
  const told = notes.length === 0 ? '' : `: ${notes.map(({ text }) => text).join('; ')}`;
  return [
    ...(view === undefined
      ? []
      : [
          finding(
            view,
            { site },
            `${site} ${zone === 'nothing' ? 'has no record' : 'is not as Switchover left it'}${told}.`,
          ),
        ]),
    ...(override === undefined ? [] : [finding(override, { site }, `${site} is ${modeOf(status, nowMs)}.`)]),
    ...notes.flatMap(({ code, text }) => {
      if (code === 'state-unreadable')
        return [finding(code, { site }, `What is stored of ${site} cannot be read.`)];
      return isTold(code) ? [finding(code, { site }, `${site}: ${text}.`)] : [];
    }),
  ];
};

const topicFindings = ({
  name,
  region,
  wanted,
  subscriptions,
  trouble,
}: Account['topics'][number]): Finding[] => {
  if (subscriptions === undefined) {
    return [
      finding(
        'subscriptions-unread',
        {},
        `The subscriptions of ${name} in ${region} could not be listed: ${trouble}.`,
      ),
    ];
  }
  const same = (email: string) =>
    subscriptions.filter(({ endpoint }) => endpoint.toLowerCase() === email.toLowerCase());
  const lists = (state: string) => wanted.filter((email) => same(email).some((one) => one.state === state));
  const [confirmed, pending] = [lists('confirmed'), lists('pending')];
  const gone = wanted.filter((email) => !confirmed.includes(email) && !pending.includes(email));
  const late = pending.filter((email) => !confirmed.includes(email));
  return [
    ...(subscriptions.some(({ state }) => state === 'confirmed')
      ? []
      : [finding('nobody-is-told', {}, `${name} in ${region} has no confirmed subscription.`)]),
    ...(late.length === 0
      ? []
      : [
          finding(
            'subscription-pending',
            {},
            `${listed(late)} did not confirm the subscription of ${name} in ${region}.`,
          ),
        ]),
    ...(gone.length === 0
      ? []
      : [
          finding(
            'subscription-gone',
            {},
            `${listed(gone)} is configured and not subscribed to ${name} in ${region}.`,
          ),
        ]),
  ];
};

const PERMISSIONS: Record<DryCall['does'], Code> = {
  write: 'permission-write',
  announce: 'permission-announce',
  store: 'permission-store',
  follow: 'permission-follow',
};

const callFindings = ({ by, does, on, outcome, detail }: DryCall): Finding[] => {
  const about = does === 'write' ? { zone: on } : {};
  if (outcome === 'denied') return [finding(PERMISSIONS[does], about, `${by} may not use ${on}: ${detail}`)];
  if (outcome === 'protected')
    return [finding('record-protected', about, `A record of ${on} is protected: ${detail}`)];
  if (outcome === 'unanswered' && does === 'write')
    return [finding('write-unanswered', about, `${by} got no answer about ${on}: ${detail}`)];
  return outcome === 'open' || outcome === 'unanswered'
    ? [finding('permission-unproven', about, `Whether ${by} may use ${on} could not be shown: ${detail}`)]
    : [];
};
