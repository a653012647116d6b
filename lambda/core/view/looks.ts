import { CONDITIONS, type Condition } from '../orders/condition.ts';
import { type Html, html } from './html.ts';

/** How grave it is: a colour in the style sheet. A glyph says the same to who sees no colours. */
export type Tone = 'bad' | 'warn' | 'hand' | 'fine';

const LOOKS: Partial<Record<Condition, { tone: Tone; glyph: string }>> = {
  down: { tone: 'bad', glyph: '✕' },
  'held-down': { tone: 'bad', glyph: '‖' },
  'edited-down': { tone: 'bad', glyph: '✎' },
  'move-due': { tone: 'bad', glyph: '→' },
  unknown: { tone: 'warn', glyph: '?' },
  edited: { tone: 'warn', glyph: '✎' },
  adoptable: { tone: 'warn', glyph: '+' },
  'failed-over': { tone: 'warn', glyph: '⇄' },
  notice: { tone: 'warn', glyph: '!' },
  'no-standby': { tone: 'warn', glyph: '○' },
  pinned: { tone: 'hand', glyph: '▼' },
  held: { tone: 'hand', glyph: '‖' },
  fine: { tone: 'fine', glyph: '✓' },
};

export const toneOf = (condition: Condition): Tone => LOOKS[condition]?.tone ?? 'bad';
export const glyphOf = (condition: Condition): string => LOOKS[condition]?.glyph ?? '?';

/** The condition as a badge: glyph and words. */
export const badge = (condition: Condition): Html =>
  html`<span class="badge ${toneOf(condition)}"><span class="glyph" aria-hidden="true">${glyphOf(condition)}</span>${CONDITIONS[condition].label}</span>`;
