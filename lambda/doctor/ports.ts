import type { DoctorTools, World } from '../ports.ts';
import type { StatusPorts } from '../status/ports.ts';

/** What the doctor reads, and tries with calls that are refused for their content. */
export type DoctorPorts = StatusPorts & Pick<World, 'events' | 'topic'> & { doctorTools: DoctorTools };
