import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { planFor } from '../../bin/init/plan.ts';
import { QUESTIONS } from '../../bin/init/questions.ts';
import { virtualConfig, virtualSite } from '../../fixtures/virtual/world.ts';
import { checkConfig, loadConfig } from '../../lib/config/index.ts';
import { type Bill, billOf, type Line } from '../../lib/cost/model.ts';
import { PRICES, type Price, type Priced } from '../../lib/cost/prices.ts';

/**
 * The tables of costs are made from the model: `SWITCHOVER_UPDATE_COST=1 npx node --test test/house/docs-cost.test.ts` writes
 * them anew.
 */
const pageAt = (name: string): URL => new URL(`../../docs/${name}.md`, import.meta.url);
const COUNTS = [1, 10, 100, 1000];

const bill = (count: number, intervalSeconds = 10): Bill => {
  const sites = Array.from({ length: count }, (_, number) => virtualSite(`www${number}`));
  return billOf(virtualConfig(sites, { intervalSeconds }));
};

const dollars = (amount: number): string => `$${amount.toFixed(2)}`;
const whole = (number: number): string => number.toLocaleString('en');

/** As the formatter of this page has it: every column as wide as its widest cell. */
const table = (rows: string[][]): string => {
  const widths = (rows[0] as string[]).map((_, at) =>
    Math.max(3, ...rows.map((row) => row[at]?.length ?? 0)),
  );
  const line = (cells: string[]) =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  const [head, ...rest] = rows.map(line);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rest].join('\n');
};

const lineOf = (what: Priced, { lines }: Bill): Line | undefined => lines.find((line) => line.what === what);

const MANY_TABLES: Record<string, () => string> = {
  scale: () => {
    const sites = Array.from({ length: 1000 }, (_, number) => virtualSite(`www${number}`));
    const rows = [
      [10, 1000],
      [10, 250],
      [60, 1000],
    ].map(([intervalSeconds = 0, sitesPerController = 0]) => {
      const many = billOf(virtualConfig(sites, { intervalSeconds, sitesPerController }));
      const parts = (['compute', 'internet', 'reads', 'regions'] as const).map((what) =>
        dollars(lineOf(what, many)?.dollars ?? 0),
      );
      return [`${intervalSeconds} s`, whole(sitesPerController), dollars(many.dollars), ...parts];
    });
    const heads = ['a look each', 'sites a controller', '1,000 sites', 'compute', 'to the internet'];
    return table([[...heads, 'reads', 'between regions'], ...rows]);
  },
};

const TABLES: Record<string, () => string> = {
  short: () =>
    table([
      ['sites', 'without any free tier', "with AWS's always-free allowances"],
      ...COUNTS.map((count) => {
        const { dollars: all, dollarsBeyondFree } = bill(count);
        return [whole(count), dollars(all), dollars(dollarsBeyondFree)];
      }),
    ]),
  prices: () =>
    table([
      ['what', 'price', 'free each month'],
      ...Object.values(PRICES).map(({ dollars: price, per, unit, free }: Price) => [
        unit,
        per === 1 ? `${price} each` : `${price} for ${whole(per)}`,
        free === 0 ? '-' : whole(free),
      ]),
    ]),
  lines: () => {
    const bills = COUNTS.map((count) => bill(count));
    const used = (Object.keys(PRICES) as Priced[]).filter((what) => lineOf(what, bills[0] as Bill));
    const amounts = used.map((what) => [
      PRICES[what].unit,
      ...bills.map((each) => {
        const { quantity = 0, dollars: price = 0 } = lineOf(what, each) ?? {};
        const digits = quantity < 10 ? 2 : 0;
        return `${quantity.toLocaleString('en', { maximumFractionDigits: digits })}: ${dollars(price)}`;
      }),
    ]);
    const sums = ['**sum**', ...bills.map((each) => `**${dollars(each.dollars)}**`)];
    return table([
      ['', ...COUNTS.map((count) => `${whole(count)} sites`.replace(/^1 sites$/, '1 site'))],
      ...amounts,
      sums,
    ]);
  },
  intervals: () =>
    table([
      ['a look each', ...COUNTS.map((count) => `${whole(count)} sites`.replace(/^1 sites$/, '1 site'))],
      ...[5, 10, 30, 60].map((seconds) => [
        `${seconds} s`,
        ...COUNTS.map((count) => dollars(bill(count, seconds).dollars)),
      ]),
    ]),
};

for (const [name, tables] of Object.entries({ cost: TABLES, scale: MANY_TABLES }))
  test(`the tables of docs/${name}.md are what the model computes`, () => {
    const page = readFileSync(pageAt(name), 'utf8');
    const wanted = Object.entries(tables).reduce((text, [block, make]) => {
      const place = new RegExp(`(<!-- computed: ${block} -->\n)[^]*?(<!-- end -->)`);
      assert.match(text, place, block);
      return text.replace(place, (_, begin, end) => `${begin}\n${make()}\n\n${end}`);
    }, page);
    if (process.env.SWITCHOVER_UPDATE_COST) writeFileSync(pageAt(name), wanted);
    else assert.equal(page, wanted, 'Write them anew with SWITCHOVER_UPDATE_COST=1, and read what changed.');
  });

const NEW = {
  url: 'https://www.shop.test/healthz',
  primary: '5.9.10.10',
  standby: '5.9.20.20',
  zone: 'dyn.shop.test',
  email: 'ops@shop.test',
  region: 'eu-west-2',
  budget: '100',
};

/** A sum as exactly as pages say it in a sentence. */
const toTheDime = (amount: number): string => dollars(Math.round(amount * 10) / 10);

test('what one site costs is said alike everywhere: as `cost` reckons of what init writes and of the example', async () => {
  const fresh = checkConfig(planFor(NEW).config).config;
  const bills = [fresh, (await loadConfig('switchover.config.ts')).config].map(billOf);
  const [sums, ...others] = bills.map((each) => [each.dollarsBeyondFree, each.dollars].map(toTheDime));
  assert.deepEqual(others, [sums]);
  const [free, full] = sums as [string, string];
  for (const page of ['README.md', 'publish/main.md', 'docs/cost.md', 'docs/first-deployment.md']) {
    const text = readFileSync(new URL(`../../${page}`, import.meta.url), 'utf8').replace(/\s+/g, ' ');
    const [start, end] = [text.indexOf(`about ${free}`), text.indexOf(`about ${full}`)];
    assert.ok(start > 0 && end > start && end - start < 150, page);
  }
  const slow = billOf({ ...fresh, intervalSeconds: 60 });
  const why = QUESTIONS.find(({ name }) => name === 'budget')?.why ?? '';
  for (const sum of [free, full, toTheDime(slow.dollarsBeyondFree), toTheDime(slow.dollars)])
    assert.ok(why.includes(sum), sum);
});

test('other pages quote the same sums', () => {
  const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
  const readme = read('README.md');
  const comparison = read('docs/comparison.md');
  for (const count of COUNTS)
    assert.match(comparison, new RegExp(`\\| ${whole(count)} +\\| \\$${Math.round(bill(count).dollars)} `));
  const [one, many] = [bill(1), bill(1000)];
  assert.ok(comparison.includes(`about ${dollars(one.dollarsBeyondFree)} a month is left`));
  assert.ok(comparison.includes(`and of a thousand sites $${Math.round(many.dollarsBeyondFree)}`));
  assert.ok(
    readme.includes(`a thousand sites about $${Math.round(many.dollars)} then, without the dashboard`),
  );
  const proofs = read('docs/what-only-an-account-proves.md');
  assert.ok(
    proofs.includes(`${dollars(one.dollarsBeyondFree)} a month for one site with the free allowances`),
  );
  assert.ok(
    proofs.includes(
      `${dollars(one.dollars)} without and ${dollars(PRICES.dashboards.dollars)} for its dashboard`,
    ),
  );
  assert.ok(proofs.includes(`$${Math.round(many.dollars)} a month for a thousand sites`));
});
