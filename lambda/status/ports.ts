import type { World, ZonePorts } from '../ports.ts';

/** What is asked to show how sites stand: the zones and the table. */
export type StatusPorts = ZonePorts & Pick<World, 'store'>;
