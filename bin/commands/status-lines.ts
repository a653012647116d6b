import { duration } from '../../lambda/core/base/time.ts';
import { CONDITIONS, type Condition } from '../../lambda/core/orders/condition.ts';
import type { CauseStatus, ServerStatus } from '../../lambda/core/orders/site-now.ts';
import { roleText, sinceText, standingText } from '../../lambda/core/orders/standing.ts';
import type { SiteStatus } from '../../lambda/core/orders/status.ts';
import {
  countPieces,
  holderText,
  quietTexts,
  type StatusDocument,
  sitesCounted,
  timeOfDay,
  verdictOf,
} from '../../lambda/core/orders/status-document.ts';
import { groupsOf, type SiteGroup, shortNames, siteText } from '../../lambda/core/orders/status-groups.ts';
import { CALLED } from '../../lib/place.ts';
import { type Line, lengthOf, type Piece, type Screen, type Style, wrap } from '../screen.ts';
import type { Sort } from '../sorts.ts';

/** How much of it is shown. */
export type Shown = { all: boolean; notFine: boolean; sort: Sort };

const STYLES: Partial<Record<Condition, Style>> = {
  fine: 'green',
  'failed-over': 'yellow',
  notice: 'yellow',
  'no-standby': 'yellow',
  held: 'yellow',
  pinned: 'yellow',
};
const styleOf = (condition: Condition): Style => STYLES[condition] ?? 'red';

/** Wide enough for the longest label, and a gap. */
const LABEL_WIDTH = Math.max(...Object.values(CONDITIONS).map(({ label }) => label.length)) + 2;
const LONGEST_NAME = 34;
/** Lines that the names of a folded group may take, where there is room and where there is little. */
const NAME_LINES = { wide: 2, narrow: 1 };
const NARROW = 100;
/** A screen that breaks no lines still folds names to a readable length. */
const READABLE = 120;

/** The status of many sites: counts, then what is not fine, the worst first, then the rest folded. */
export const statusLines = (document: StatusDocument, screen: Screen, shown: Shown): Line[] => {
  const nowMs = Date.parse(document.at);
  const sites = sortedBy(document.sites, shown.sort);
  const fine = sites.filter(({ condition }) => condition === 'fine');
  const rest = sites.filter(({ condition }) => condition !== 'fine');
  const listed = shown.all && !shown.notFine ? sites : rest;
  const groups = shown.all ? listed.flatMap((site) => groupsOf([site], nowMs)) : groupsOf(listed, nowMs);
  const width = Math.min(LONGEST_NAME, Math.max(0, ...groups.map((group) => nameOf(group).length)) + 2);
  const lines: Line[] = [...countsLines(document, screen), []];
  for (const group of groups) lines.push(...groupLines(group, { screen, width }));
  if (groups.length > 0) lines.push([]);
  if (!shown.all && !shown.notFine && fine.length > 0)
    lines.push([
      ['green', `${fine.length} fine`],
      rest.length > 0 || fine.length > 1 ? ' (--all shows each)' : '',
    ]);
  return [...lines, ...verdictLines(document, screen)];
};

const sortedBy = (sites: readonly SiteStatus[], sort: Sort): SiteStatus[] => {
  if (sort === 'name') return [...sites].sort((a, b) => (a.site < b.site ? -1 : 1));
  if (sort === 'since') return [...sites].sort((a, b) => ((a.since ?? '') > (b.since ?? '') ? -1 : 1));
  return [...sites];
};

/** The counts, broken between two of them where the screen ends. */
const countsLines = (document: StatusDocument, { width }: Screen): Line[] => {
  const lines: Piece[][] = [[]];
  for (const { text, condition } of countPieces(document)) {
    const line = lines.at(-1) ?? [];
    const isFirst = line.length === 0;
    const piece: Piece = condition === undefined ? text : [styleOf(condition), text];
    if (!isFirst && lengthOf(line) + text.length + 3 > width) lines.push([piece]);
    else line.push(isFirst ? '' : ' · ', piece);
  }
  return lines;
};

const nameOf = ({ sites }: SiteGroup): string =>
  sites.length === 1 ? (sites[0]?.site ?? '') : sitesCounted(sites.length);

type Room = { screen: Screen; width: number };

const groupLines = (group: SiteGroup, { screen, width }: Room): Line[] => {
  const { condition, sites, text } = group;
  const [first] = sites;
  const label: Piece = [styleOf(condition), CONDITIONS[condition].label.padEnd(LABEL_WIDTH)];
  const name = nameOf(group);
  const incident = sites.length === 1 && first?.incident ? `incident ${first.incident}` : '';
  const head: Line = [label, ['bold', name.padEnd(width)]];
  const indent = '    ';
  const whole = incident === '' ? text : `${text} · ${incident}`;
  const isOneLine = name.length < width && lengthOf(head) + whole.length <= screen.width;
  const apart: Line = [label, ['bold', name], incident === '' ? '' : `  ${incident}`];
  const heads: Line[] =
    lengthOf(apart) <= screen.width
      ? [apart]
      : [
          [label, incident],
          [indent, ['bold', name]],
        ];
  const lines: Line[] = isOneLine
    ? [[...head, whole]]
    : [...heads, ...wrap(text, screen.width, indent).map((line): Line => [line])];
  const hints = [...namesOf(sites, screen, indent), ...releaseOf(group, indent)];
  return [...lines, ...hints];
};

const namesOf = (sites: readonly SiteStatus[], screen: Screen, indent: string): Line[] => {
  if (sites.length === 1) return [];
  const names = shortNames(sites.map(({ site }) => site)).join(' ');
  const lines = wrap(names, Math.min(screen.width, READABLE) - 3, indent);
  const most = screen.width < NARROW ? NAME_LINES.narrow : NAME_LINES.wide;
  const cut = lines.length > most;
  return lines.slice(0, most).map((line, at): Line => [['dim', cut && at === most - 1 ? `${line} …` : line]]);
};

/** Whoever is woken by a site that is held while it is down has one thing to decide. */
const releaseOf = ({ condition, sites }: SiteGroup, indent: string): Line[] => {
  const end = sites[0]?.holder?.end;
  return end === undefined || (condition !== 'held-down' && condition !== 'down')
    ? []
    : [[`${indent}end it: ${CALLED} ${end}`]];
};

const verdictLines = (document: StatusDocument, screen: Screen): Line[] => {
  const { ok, sites } = document;
  const verdict = verdictOf(document);
  if (ok) return wrap(verdict, screen.width).map((line): Line => [['green', line]]);
  const worst = sites.find(({ condition }) => !CONDITIONS[condition].ok)?.site;
  const next = worst === undefined ? '' : `Next: ${CALLED} explain ${worst}`;
  return [`Ends with 1: ${verdict}`, next]
    .filter(Boolean)
    .flatMap((text) => wrap(text, screen.width))
    .map((text): Line => [['red', text]]);
};

const HEALTH_STYLES = { up: 'green', down: 'red', unknown: 'yellow' } as const;

/** One server: its health, whether it could take over, and what each vantage saw of it last. */
export const serverLines = (servers: readonly ServerStatus[], nowMs: number, screen: Screen): Line[] => {
  const width = Math.max(...servers.map(({ server }) => server.length));
  return servers.flatMap((one): Line[] => {
    const { server, addresses, health, since, serves, armed, notArmed, certificateEnds } = one;
    const role = serves || armed ? roleText(one) : `${roleText(one)}: ${notArmed}`;
    const certificate = certificateEnds === null ? '' : ` · ${certificateText(certificateEnds, nowMs)}`;
    const head: Line = [`  ${server.padEnd(width)}  `, [HEALTH_STYLES[health], health.toUpperCase()]];
    const more = ` ${[sinceText(since, nowMs), role].filter(Boolean).join(' · ')}${certificate} · ${addresses.join(', ')}`;
    return [
      ...withMore(head, more, '      ', screen),
      ...one.causes.map((cause) => causeLine(cause, nowMs)).flatMap((text) => wrapped(text, screen)),
    ];
  });
};

const wrapped = (text: string, screen: Screen): Line[] =>
  wrap(text, screen.width, '      ').map((line): Line => [line]);

const causeLine = ({ vantages, code, phrase, since }: CauseStatus, nowMs: number): string =>
  `${vantages.join(', ')}: ${code}: ${phrase}, ${sinceText(since, nowMs)}`;

const certificateText = (ends: string, nowMs: number): string => {
  const leftMs = Date.parse(ends) - nowMs;
  return leftMs <= 0 ? 'the certificate has ended' : `certificate ${duration(leftMs)}`;
};

/** One site: who serves, each server as each vantage saw it, the row that holds, what was told. */
export const siteLines = (document: StatusDocument, screen: Screen): Line[] => {
  const [site] = document.sites;
  if (site === undefined) return [[document.message]];
  const nowMs = Date.parse(document.at);
  const { holder, decision, next, notes, incident } = site;
  const say = (sentence: string): Line[] => wrap(sentence, screen.width, '  ').map((line): Line => [line]);
  return [
    ...headLines(site, nowMs, screen),
    ...say(siteText(site, nowMs)),
    ...(holder === null
      ? []
      : [
          ...say(`${holderText(holder, nowMs)}${holder.reason === null ? '' : `: "${holder.reason}"`}`),
          ...say(`end it: ${CALLED} ${holder.end}`),
        ]),
    ...quietTexts(site, nowMs).flatMap(say),
    ...(site.silence ? say(`end it: ${CALLED} ${site.silence.end}`) : []),
    [],
    ...serverLines(site.servers, nowMs, screen),
    [],
    ...(decision === null ? [] : say(`row ${decision.row} (${decision.reason}): ${decision.text}`)),
    ...say(next === null ? 'next in line: nobody' : `next in line: ${next}`),
    ...(incident === null ? [] : say(`incident ${incident} is open`)),
    ...notes.flatMap((note) => say(note.text).map((line): Line => [['yellow', line.join('')]])),
    ...toldLines(document).flatMap(say),
    [],
    ...(document.silentControllers > 0 || document.storeTrouble !== undefined
      ? []
      : wrap(document.message, screen.width).map((line): Line => [line])),
    ...verdictLines(document, screen),
  ];
};

/** Who serves, after the name where there is room. */
const headLines = (site: SiteStatus, nowMs: number, screen: Screen): Line[] => {
  const { condition } = site;
  const head: Line = [['bold', site.site], '  ', [styleOf(condition), CONDITIONS[condition].label]];
  return withMore(head, `  ${standingText(site, nowMs)}`, '  ', screen);
};

/** A line with what follows in it, or below it where there is no room. */
const withMore = (head: Line, more: string, indent: string, screen: Screen): Line[] =>
  lengthOf(head) + more.length <= screen.width
    ? [[...head, more]]
    : [head, ...wrap(more.trim(), screen.width, indent).map((line): Line => [line])];

const toldLines = ({ told = [], mailedTo = [] }: StatusDocument): string[] => {
  if (told.length === 0) return [];
  const whom = mailedTo.length === 0 ? 'the topic alone' : mailedTo.join(', ');
  return [`told last, to ${whom}:`, ...told.map(({ at, text }) => `${timeOfDay(at)} ${text}`)];
};
