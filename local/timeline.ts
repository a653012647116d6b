import type { Happening, Health } from './events.ts';
import { type Screen, styled } from './terminal.ts';

export type Timeline = {
  /** The text to write for this, line ends and control sequences included; often empty. `now` is ISO 8601. */
  show(happening: Happening, now: string): string;
  /** The text to write before anything else may be written to the screen, or at the end. */
  rest(): string;
};

/** One object a line, without what is only for people. */
export const jsonLine = (happening: Happening): string =>
  happening.event === 'output' ? '' : `${JSON.stringify({ v: 1, ...happening })}\n`;

const INDENT = '          ';
const QUIET_MS = 60_000;

/** The timeline for people. Times are UTC, as in the mails. */
export const createTimeline = (screen: Screen): Timeline => {
  const paint = (style: Parameters<typeof styled>[0], text: string): string =>
    screen.colour ? styled(style, text) : text;
  const row = (at: string, symbol: string, text: string): string =>
    `${paint('dim', clock(at))}  ${symbol} ${text}\n`;

  /** What each site looked like when it was last written down. */
  const written = new Map<string, string>();
  const seen = new Map<string, { healths: Record<string, Health>; vantages: string[] }>();
  const errors = new Map<string, { shownMs: number; unshown: number }>();
  let statusShown = false;
  let quietSinceMs = Number.NEGATIVE_INFINITY;

  const rest = (): string => {
    const text = statusShown ? '\r\u001b[2K' : '';
    statusShown = false;
    return text;
  };
  /** Writes lines that stay, above the status line. */
  const keep = (text: string): string => rest() + text;

  const health = (name: string, state: Health): string =>
    state === 'up'
      ? `${name} up`
      : paint(state === 'down' ? 'red' : 'yellow', `${name} ${state === 'down' ? 'DOWN' : 'unknown'}`);
  const healths = (of: Record<string, Health>): string =>
    Object.entries(of)
      .map(([name, state]) => health(name, state))
      .join(' · ');

  const round = ({ at, site, vantages, healths: now }: Extract<Happening, { event: 'round' }>): string => {
    seen.set(site, { healths: now, vantages });
    const picture = JSON.stringify(now);
    if (written.get(site) === picture) return quiet(at);
    written.set(site, picture);
    const symbol = isWell(now)
      ? paint('green', '●')
      : paint(Object.values(now).includes('down') ? 'red' : 'yellow', '●');
    return keep(row(at, symbol, `${paint('bold', site)}  ${healths(now)}`));
  };

  /** Nothing changed: one line, rewritten on a terminal, else repeated now and then as a sign of life. */
  const quiet = (at: string): string => {
    const text = fit(`${clock(at)}  · ${summary()}`, screen.width);
    if (screen.live) {
      statusShown = true;
      return `\r\u001b[2K${paint('dim', text)}`;
    }
    const nowMs = Date.parse(at);
    if (nowMs - quietSinceMs < QUIET_MS) return '';
    quietSinceMs = nowMs;
    return `${paint('dim', text)}\n`;
  };
  const summary = (): string => {
    const vantages = [...new Set([...seen.values()].flatMap((site) => site.vantages))].sort();
    const having = (state: Health): string[] =>
      [...seen].filter(([, site]) => Object.values(site.healths).includes(state)).map(([name]) => name);
    const [troubled, unsure] = [having('down'), having('unknown')];
    const state =
      troubled.length > 0
        ? `in trouble: ${troubled.join(', ')}`
        : unsure.length > 0
          ? `not settled yet: ${unsure.join(', ')}`
          : `all well${seen.size === 1 ? '' : `: ${seen.size} sites`}`;
    return `${state}; seen from ${vantages.join(', ')}`;
  };

  /** The same error each round would bury everything else: it is repeated once a minute, with how often it came. */
  const error = ({ at, code, message }: Extract<Happening, { event: 'error' }>): string => {
    const key = `${code} ${message}`;
    const known = errors.get(key) ?? { shownMs: Number.NEGATIVE_INFINITY, unshown: 0 };
    const nowMs = Date.parse(at);
    if (nowMs - known.shownMs < QUIET_MS) {
      known.unshown += 1;
      return '';
    }
    errors.set(key, { shownMs: nowMs, unshown: 0 });
    const again =
      known.unshown === 0 ? '' : paint('dim', ` (and ${known.unshown} times since it was last shown)`);
    return keep(row(at, paint('red', '!'), `${paint('red', plain(code))}  ${plain(message)}${again}`));
  };

  const mail = ({ at, subject, text }: Extract<Happening, { event: 'announcement' }>): string => {
    const inner = Math.max(20, screen.width - INDENT.length - 2);
    const side = paint('cyan', '│');
    const body = [
      paint('bold', plain(subject)),
      '',
      ...plain(text)
        .trimEnd()
        .split('\n')
        .flatMap((line) => wrap(line, inner)),
    ];
    return [
      `${paint('dim', clock(at))}  ${paint('cyan', `╭─ mail ${'─'.repeat(Math.max(0, inner - 6))}`)}`,
      ...body.map((line) => `${INDENT}${side} ${line}`.trimEnd()),
      `${INDENT}${paint('cyan', `╰${'─'.repeat(inner + 1)}`)}`,
      '',
    ].join('\n');
  };

  const show = (it: Happening, now: string): string => {
    switch (it.event) {
      case 'ready':
        return keep(
          row(now, paint('green', '✓'), 'ready: DNS names a server for every site that has one up'),
        );
      case 'round':
        return round(it);
      case 'switch': {
        const move = it.from === null ? `now served by ${it.to}` : `moved from ${it.from} to ${it.to}`;
        const text = `${paint('bold', it.site)}  ${paint('bold', move)} (${it.reason}, epoch ${it.epoch})`;
        return keep(row(it.at, paint('cyan', '⇄'), text));
      }
      case 'published':
        return keep(
          row(
            it.at,
            paint('green', '✓'),
            `${paint('bold', it.site)}  every name server has it (epoch ${it.epoch})`,
          ),
        );
      // The mail beside it says the same to people.
      case 'alert':
        return '';
      case 'announcement':
        return keep(mail(it));
      case 'error':
        return error(it);
      case 'output':
        return keep(
          row(it.at, paint('dim', '│'), paint('dim', `${it.function} ${it.region}  ${plain(it.line)}`)),
        );
    }
  };
  return { show, rest };
};

const isWell = (healths: Record<string, Health>): boolean =>
  Object.values(healths).every((state) => state === 'up');

/** Without control characters: evidence and errors may quote what a hostile server sent, and a terminal would obey it. */
const plain = (text: string): string => text.replace(/[^\P{Cc}\n]/gu, ' ');

const clock = (at: string): string => at.slice(11, 19);

const fit = (text: string, width: number): string =>
  text.length <= width ? text : `${text.slice(0, width - 1)}…`;

/** Lines of at most `width` characters, broken at spaces; an indented line goes on a little further in. */
const wrap = (line: string, width: number): string[] => {
  const indent = /^ */.exec(line)?.[0] ?? '';
  const further = indent === '' ? '' : `${indent.slice(0, width / 3)}  `;
  const lines: string[] = [];
  let left = line;
  while (left.length > width) {
    const space = left.lastIndexOf(' ', width);
    const end = space > further.length ? space : width;
    lines.push(left.slice(0, end));
    left = further + left.slice(end).trimStart();
  }
  return [...lines, left];
};
