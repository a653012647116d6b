import type { Cloud } from '../world/cloud-shape.ts';
import type { Plan } from '../world/plan-shape.ts';
import type { Observer } from './observer-shape.ts';

/** A world in which there is no trouble any more. */
export type Settling = {
  plan: Plan;
  cloud: Cloud;
  observer: Observer;
  config: Plan['config'];
  clock: { now(): number };
};
