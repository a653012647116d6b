import { same } from '../base/same.ts';
import { isSameOrder } from './asked.ts';
import type { Silence } from './silence.ts';
import type { SiteState } from './site-state.ts';
import { present, type Sides, stored, threeWay } from './three-way.ts';

type Incident = NonNullable<SiteState['incident']>;

/** Whether a person acknowledged the incident, and nothing else became of it: the next one is another. */
const isAcknowledgedAlone = (
  base: Incident,
  { acknowledged: _, ...other }: Partial<Incident> = {},
): boolean => {
  const { acknowledged: __, ...before } = base;
  return same(other, before);
};

/** Of the same incident each side may have changed something: a person acknowledged it, people were told of it. */
export const mergedIncident = ({ base, ours, theirs }: Sides<SiteState['incident']>): SiteState['incident'] =>
  threeWay({ base, ours, theirs }, (own, other) => {
    const isNext = base !== undefined && own !== undefined && own.id !== base.id;
    if (isNext && isAcknowledgedAlone(base, other)) return own;
    if (own === undefined || other === undefined || own.id !== other.id) return other;
    const before: Partial<Incident> = base?.id === own.id ? base : {};
    const of = <K extends keyof Incident>(key: K) =>
      threeWay<Incident[K] | undefined>({ base: before[key], ours: own[key], theirs: other[key] }, stored);
    return present<Incident>({
      id: other.id,
      openedMs: other.openedMs,
      alarmed: of('alarmed'),
      ended: of('ended'),
      group: of('group'),
      acknowledged: of('acknowledged'),
    });
  });

/** A controller counts what it keeps back while a person gives a new silence, or ends this one. */
export const mergedSilence = ({ base, ours, theirs }: Sides<Silence | undefined>): Silence | undefined =>
  threeWay({ base, ours, theirs }, (own, other) => {
    const isNew = (one: Silence | undefined) => one !== undefined && !(base && isSameOrder(one, base));
    // One that either side is done with is over, unless the other side has got another one.
    if (own === undefined || other === undefined) return [own, other].find(isNew);
    const added = Math.max(0, own.suppressed - (base?.suppressed ?? 0));
    const last = own.askedMs > other.askedMs ? own : other;
    const suppressed = other.suppressed + added;
    if (!isSameOrder(own, other)) return { ...last, suppressed };
    // A person may have ended it.
    return { ...(own.untilMs < other.untilMs ? own : other), suppressed };
  });
