/** The widget of a CloudWatch dashboard and its buttons, in a virtual world: what CloudWatch would send, and what comes back. */
import assert from 'node:assert/strict';
import { before, describe, test } from 'node:test';
import {
  START_MS,
  type VirtualWorld,
  virtualConfig,
  virtualSite,
  virtualWorld,
} from '../../../../fixtures/virtual/world.ts';
import { pressed } from '../../../../lambda/console/button.ts';
import { answerCommand } from '../../../../lambda/console/command.ts';
import { runTerm } from '../../../../lambda/controller/term.ts';
import { type WidgetAnswer, widget } from '../../../../lambda/status/widget.ts';

const SITE = 'www.dyn.example.net';
const ARN = 'arn:aws:lambda:eu-west-2:111122223333:function:main-status';
let world: VirtualWorld;

before(async () => {
  world = virtualWorld(virtualConfig([virtualSite('www'), virtualSite('blog')]));
  void runTerm(world.seenBy(), new Date(START_MS).toISOString());
  await world.clock.runUntil(START_MS + 40_000);
});

/** As facts of CloudWatch have it: parameters and the JSON of a button at the top, and what surrounds them. */
const context = (all: Record<string, string> = {}, more: object = {}) => ({
  dashboardName: 'switchover-eu-west-2',
  theme: 'light',
  timeRange: { mode: 'relative', start: START_MS, end: START_MS + 3_600_000 },
  forms: { all },
  params: { view: 'all' },
  width: 1200,
  height: 600,
  ...more,
});
const inTime = async <T>(asked: Promise<T>): Promise<T> => {
  await world.clock.runUntil(world.clock.now() + 1000);
  return asked;
};
const look = (event: object, more: object = {}): Promise<WidgetAnswer> =>
  inTime(widget(world.seenBy(), { ...event, widgetContext: context({}, more) }, ARN));
const text = async (answer: Promise<WidgetAnswer>): Promise<string> => String(await answer);
/** The buttons of what is shown, by the label before them. */
const buttonsIn = (markup: string): Record<string, { endpoint: string; event: Record<string, unknown> }> =>
  Object.fromEntries(
    [
      ...markup.matchAll(
        /<a class="btn">([^<]+)<\/a><cwdb-action action="call" endpoint="([^"]+)"[^>]*>([^<]+)<\/cwdb-action>/g,
      ),
    ].map(([, label = '', endpoint = '', json = '']) => [
      label,
      { endpoint, event: JSON.parse(json.replaceAll('&quot;', '"')) },
    ]),
  );
const press = (event: object, typed: Record<string, string>): Promise<string> =>
  text(inTime(pressed(world.seenBy(), { ...event, widgetContext: context(typed) })));
const mode = async () =>
  (await inTime(answerCommand(world.seenBy(), { action: 'status', site: SITE }))).sites?.[0]?.mode;
const TYPED = { reason: 'disks <b>', by: 'ann' };

describe('a widget', () => {
  test('shows all sites, and one of them with the time that the dashboard shows', async () => {
    const all = await text(look({ view: 'all' }));
    assert.match(all, /<b>2 fine<\/b>/);
    assert.match(all, new RegExp(`endpoint="${ARN}" display="widget">\\{&quot;view&quot;:&quot;site&quot;`));
    const one = await text(look({ view: 'site', site: SITE }));
    assert.match(one, /primary serves/);
    assert.match(one, /<b>standby<\/b> <b class="fine">UP<\/b>.*ARMED/);
    assert.match(one, /From 00:00:00 to 00:\d\d:\d\d: /);
    const zoomed = {
      timeRange: { start: 1, end: 2, zoom: { start: START_MS + 1000, end: START_MS + 2000 } },
    };
    assert.match(await text(look({ view: 'site', site: SITE }, zoomed)), /From 00:00:01 to 00:00:02: /);
  });

  test('of a site that is none shows all, and of a theme that is none the light one', async () => {
    for (const event of [{ view: 'site', site: '<script>' }, { view: 'site' }, {}])
      assert.match(await text(look(event)), /<b>2 fine<\/b>/);
    const style = async (theme: string) => (await text(look({}, { theme }))).split('</style>')[0];
    assert.equal(await style('x'), await style('light'));
    assert.notEqual(await style('dark'), await style('light'));
  });

  test('finds sites by what was typed, and shows all again after a refresh', async () => {
    const forms = { forms: { all: { search: ' WWW ' } } };
    const found = await text(look({ view: 'search' }, forms));
    assert.match(found, /1 site found for WWW/);
    assert.doesNotMatch(found, /blog/);
    assert.match(await text(look({ view: 'all' }, forms)), /blog/);
    for (const search of [undefined, 7, '', 'x'.repeat(1000)])
      assert.match(await text(look({ view: 'search' }, { forms: { all: { search } } })), /<b>2 fine<\/b>/);
  });

  test('that asks what a function is for is told, without a context, and nothing else is done', async () => {
    for (const answer of [
      await widget(world.seenBy(), { describe: true }, ARN),
      await pressed(world.seenBy(), { describe: true, action: 'hold', site: SITE }),
    ])
      assert.match((answer as { markdown: string }).markdown, /^## Switchover.*``` yaml\nview: all\n```/s);
    assert.equal(await mode(), 'auto');
  });
});

describe('a button', () => {
  test('orders what it says, once: a second press is told that the site has changed', async () => {
    const { 'Hold for 4 h': hold } = buttonsIn(await text(look({ view: 'site', site: SITE })));
    assert.ok(hold);
    assert.equal(hold.endpoint, ARN.replace('-status', '-console'));
    assert.match(await press(hold.event, { reason: ' ', by: 'ann' }), /Not done\..*reason/);
    assert.equal(await mode(), 'auto');
    assert.match(await press(hold.event, TYPED), /<b>Done\.<\/b>/);
    assert.equal(await mode(), 'held');
    assert.match(await press(hold.event, TYPED), /Not done\..*has changed meanwhile/);
    const held = await text(look({ view: 'site', site: SITE }));
    assert.match(held, /held by ann.*disks &lt;b&gt;/);
    const { Release: release } = buttonsIn(held);
    assert.match(await press(release?.event ?? {}, TYPED), /<b>Done\.<\/b>/);
    assert.equal(await mode(), 'auto');
  });

  test('that is old, or was made by hand, changes nothing', async () => {
    const buttons = buttonsIn(await text(look({ view: 'site', site: SITE })));
    const { event } = buttons['Hold for 4 h'] ?? { event: {} };
    const until = new Date(world.clock.now() - 1).toISOString();
    for (const [made, says] of [
      [{ ...event, until }, /drawn too long ago/],
      [{ ...event, until: 'soon' }, /received none/],
      [{ ...event, drawn: undefined }, /received none/],
      [{ ...event, site: 'nobody.example' }, /There is no site nobody\.example/],
      [{ ...event, action: 'adopt' }, /Expected a button for hold, pin, failback, release, received/],
      [{ ...event, forSeconds: 1e9 }, /Expected forSeconds/],
      [{ ...event, action: 'pin', server: '<b>' }, /Expected server.*&lt;b&gt;/],
    ] as const)
      assert.match(await press(made, TYPED), says);
    assert.equal(await mode(), 'auto');
  });

  test('pins to a server that is up, by the form of the view', async () => {
    const { 'Pin to standby for 4 h': pin } = buttonsIn(await text(look({ view: 'site', site: SITE })));
    assert.match(await press(pin?.event ?? {}, TYPED), /<b>Done\.<\/b>/);
    await world.clock.runUntil(world.clock.now() + 5000);
    const shown = await text(look({ view: 'site', site: SITE }));
    assert.match(shown, /standby serves/);
  });
});
