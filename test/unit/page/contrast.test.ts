import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';

const SHEET = readFileSync(new URL('../../../page/assets/page.css', import.meta.url), 'utf8');
const [light = '', dark = ''] = SHEET.split('@media (prefers-color-scheme: dark)');

const coloursOf = (text: string): Record<string, string> =>
  Object.fromEntries(
    [...(text.split(':root {')[1]?.split('}')[0] ?? '').matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(
      ([, name = '', value = '']) => [name, value],
    ),
  );

/** WCAG 2.2, relative luminance and contrast ratio. */
const luminance = (hex: string): number => {
  const [r = 0, g = 0, b = 0] = [1, 3, 5]
    .map((at) => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
    .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (one: string, other: string): number => {
  const [high = 0, low = 0] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (high + 0.05) / (low + 0.05);
};

/** Which text stands on what. */
const PAIRS: [text: string, ground: string][] = [
  ['ink', 'ground'],
  ['ink', 'surface'],
  ['dim', 'ground'],
  ['dim', 'surface'],
  ['accent', 'ground'],
  ['accent', 'surface'],
  ['on-accent', 'accent'],
  ['surface', 'bad'],
  ['bad', 'ground'],
  ...['bad', 'warn', 'hand', 'fine'].flatMap((tone): [string, string][] => [
    [tone, `${tone}-soft`],
    [tone, 'surface'],
  ]),
];

describe('text can be read: at least 4.5 to 1 (WCAG AA)', () => {
  const themes = [
    ['light', light],
    ['dark', dark],
  ] as const;
  for (const [theme, text] of themes) {
    const colours = coloursOf(text);
    for (const [name, ground] of PAIRS)
      test(`${theme}: ${name} on ${ground}`, () => {
        const [one, other] = [colours[name], colours[ground]];
        assert.ok(one !== undefined && other !== undefined);
        const ratio = contrast(one, other);
        assert.ok(ratio >= 4.5, ratio.toFixed(2));
      });
  }
});
