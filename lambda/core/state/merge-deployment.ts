import { same } from '../base/same.ts';
import type { DeploymentState } from './deployment-state.ts';
import { bounded, mergedNotice } from './notice.ts';
import { remindersOf } from './reminders.ts';
import { isRemembered, mergedList, mergedRecord, pendingOf, present, stored, threeWay } from './three-way.ts';

/** By kind of a notice: what remembers that it was told. All others are told by the daily check. */
const REMEMBERS: Record<string, (state: DeploymentState) => unknown> = {
  'vantage-blind': ({ blind }) => blind,
  'zone-unreadable': ({ unreadable, reminders }) => [unreadable, remindersOf(reminders, 'unreadable')],
  'moves-wait': ({ reminders }) => remindersOf(reminders, 'waiting'),
  'site-removed': ({ sites }) => sites,
  over: ({ masses }) => masses,
  'weekly-test': ({ testedMs }) => testedMs,
};
const CHECKED = ({ reminders }: DeploymentState): unknown => remindersOf(reminders, 'checkup');

/**
 * The same as `merge`, of what is known of the deployment as a whole: by zone and vantage; of the same one theirs, the
 * later check.
 */
export const mergeDeployment = (
  base: DeploymentState,
  ours: DeploymentState,
  theirs: DeploymentState,
): DeploymentState => {
  if (same(ours, base) || same(ours, theirs)) return theirs;
  if (same(theirs, base)) return ours;
  const sides = { base, ours, theirs };
  const of = <K extends keyof DeploymentState>(key: K) => ({
    base: base[key],
    ours: ours[key],
    theirs: theirs[key],
  });
  const merged = present<DeploymentState>({
    schema: 2,
    sites: threeWay(of('sites'), stored),
    controllers: threeWay(of('controllers'), stored),
    blind: mergedList(base.blind, ours.blind, theirs.blind),
    blindFor: threeWay(of('blindFor'), (own, other) =>
      mergedRecord({ base: base.blindFor ?? {}, ours: own ?? {}, theirs: other ?? {} }),
    ),
    unreadable: mergedRecord(of('unreadable')),
    masses: threeWay(of('masses'), (own, other) =>
      mergedRecord({ base: base.masses ?? {}, ours: own ?? {}, theirs: other ?? {} }),
    ),
    testedMs: threeWay(of('testedMs'), (own, other) => Math.max(own ?? 0, other ?? 0)),
    reminders: mergedRecord(of('reminders')),
    checked: threeWay(of('checked'), (own, other) => ((own?.atMs ?? 0) > (other?.atMs ?? 0) ? own : other)),
    outbox: [],
  });
  const known = new Set([...base.outbox, ...theirs.outbox].map(({ id }) => id));
  const outbox = pendingOf(of('outbox'), mergedNotice).filter(
    (one) => known.has(one.id) || !isRemembered(sides, merged, REMEMBERS[one.kind] ?? CHECKED),
  );
  const result = { ...merged, outbox: bounded(outbox) };
  return same(result, theirs) ? theirs : result;
};
