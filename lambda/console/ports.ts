import type { World } from '../ports.ts';
import type { StatusPorts } from '../status/ports.ts';

/** What an order is written with: the zones, the table, and the topic for what the table does not take. */
export type OrderPorts = StatusPorts & Pick<World, 'events' | 'pacerOf' | 'topic'>;

/** What the commands of a person take together. */
export type ConsolePorts = OrderPorts & Pick<World, 'doctorTools'>;
