import type { DoctorTools, World } from '../ports.ts';
import type { Again } from './again.ts';

/** Who looks, with what, and how patiently. */
export type Visitor = { world: World; doctorTools: DoctorTools; by: 'controller' | 'console'; again: Again };
