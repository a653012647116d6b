import { loadConfig } from '../../lib/config/index.ts';
import { billOf, type Line as Item, visitorsOf } from '../../lib/cost/model.ts';
import type { Command } from '../result.ts';
import { columns, counted, type Line, paint, wrap } from '../screen.ts';

/** `cost`: the computed bill of the configuration, and what visitors' queries add to it. */
export const cost: Command = async (given, { screen }) => {
  const { config } = await loadConfig(given.config);
  const bill = billOf(config);
  const visitors = visitorsOf(config);
  const message =
    `${config.deployment}, with ${counted(config.sites.length, 'site')}, costs ${dollars(bill.dollarsBeyondFree)} a month while all is well, ` +
    `or ${dollars(bill.dollars)} where something else uses up what AWS gives each account for nothing.`;
  const rows = [
    HEAD,
    ...bill.lines.map(rowOf),
    [['sum'], [''], [dollars(bill.dollarsBeyondFree)], [dollars(bill.dollars)]] as Line[],
  ];
  const queries = visitors.map(({ audience, dollars: price }) => `${audience} ${dollars(price)}`).join(', ');
  const notes = [
    `Visitors' own queries come on top, by the audience of each site: ${queries}.`,
    'Computed from list prices of US East; docs/cost.md says from what, and what changes it.',
  ];
  const said = (text: string): Line[] => wrap(text, screen.width).map((line): Line => [line]);
  const lines = [...said(message), [], ...columns(rows), [], ...notes.flatMap(said)];
  return {
    ok: true,
    text: lines.map((line) => paint(screen, line).trimEnd()).join('\n'),
    answer: { message, ...bill, visitors },
  };
};

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;

const HEAD: Line[] = [
  [['dim', '']],
  [['dim', 'a month']],
  [['dim', 'beyond free']],
  [['dim', 'without free']],
];

const rowOf = ({ quantity, unit, dollars: all, dollarsBeyondFree }: Item): Line[] => [
  [unit],
  [amount(quantity)],
  [dollars(dollarsBeyondFree)],
  [dollars(all)],
];

/** As many digits as are worth reading. */
const amount = (quantity: number): string =>
  quantity.toLocaleString('en', { maximumFractionDigits: quantity < 100 ? 2 : 0 });
