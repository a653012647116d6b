import type { Again } from './again.ts';
import type { DoctorPorts } from './ports.ts';

/** Who looks, with what, and how patiently. */
export type Visitor = { ports: DoctorPorts; by: 'controller' | 'console'; again: Again };
