/** Where in a bundle a module begins: the line, counted from 0. It ends where the next one begins. */
export type Stretch = { module: string; line: number };

/** esbuild writes before each module where it came from. */
const MODULE = /^ *\/\/ ((?:[\w@.+-]+\/)*[\w@.+-]+\.(?:js|cjs|mjs|ts|json))$/;

/** The modules of a bundle in their order. What esbuild itself put before them is the module `esbuild`. */
export const stretchesOf = (bundle: string): Stretch[] => [
  { module: 'esbuild', line: 0 },
  ...bundle.split('\n').flatMap((text, line) => {
    const module = MODULE.exec(text)?.[1];
    return module === undefined ? [] : [{ module, line }];
  }),
];

/** The package that a module belongs to; `switchover` if it is ours. */
export const partOf = (module: string): string => {
  if (module === 'esbuild') return module;
  return (
    /(?:^|\/)node_modules\/((?:@[^/]+\/)?[^/]+)\/(?!.*\/node_modules\/)/.exec(module)?.[1] ?? 'switchover'
  );
};

/** Bytes of a bundle by package, the largest first. */
export const partsOf = (bundle: string): { part: string; bytes: number }[] => {
  const lines = bundle.split('\n');
  const stretches = stretchesOf(bundle);
  const parts = new Map<string, number>();
  for (const [index, { module, line }] of stretches.entries()) {
    const text = lines.slice(line, stretches[index + 1]?.line).join('\n');
    parts.set(partOf(module), (parts.get(partOf(module)) ?? 0) + Buffer.byteLength(text) + 1);
  }
  return [...parts].map(([part, bytes]) => ({ part, bytes })).sort((a, b) => b.bytes - a.bytes);
};
