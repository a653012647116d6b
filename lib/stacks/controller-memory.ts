import type { Config } from '../../lambda/core/site/site.ts';

/**
 * Memory of a controller, in MB, for the sites that it decides for. It waits most of the time and is billed for waiting, so memory
 * is its price. With a thousand sites it takes a hundredth of a core to look and some 3 s of one to move them all; what grows is what
 * it holds (`npm run bench -- interval` and `writes`, docs/performance.md).
 */
export const controllerMemoryMb = ({ sites }: Config): number => (sites.length <= 100 ? 128 : 192);
