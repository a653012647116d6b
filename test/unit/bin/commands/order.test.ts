import assert from 'node:assert/strict';
import { test } from 'node:test';
import { orderResult } from '../../../../bin/commands/order.ts';

const PLAIN = { screen: { colour: false, width: 80 }, action: 'hold' };

test('an order on one site is answered in a line, on many in a line each and a summary', () => {
  const done = { site: 'a', ok: true, message: 'a: held until T' };
  const refused = { site: 'b', ok: false, message: 'Refused: b is not there.' };
  const one = orderResult({ ok: true, message: '' }, [done], PLAIN);
  assert.deepEqual([one.ok, one.text], [true, 'done  a: held until T']);
  const two = orderResult({ ok: false, message: '' }, [done, refused], PLAIN);
  assert.equal(two.ok, false);
  assert.deepEqual(two.text.split('\n'), [
    'done      a: held until T',
    'not done  b: Refused: b is not there.',
    'Done for 1 of 2 sites, not for 1.',
  ]);
  assert.match(
    orderResult({ ok: true, message: '' }, [done, done], PLAIN).text,
    /\nDone for 2 of 2 sites\.$/,
  );
});

test('an order that the controller has yet to carry out is answered as asked for', () => {
  const asked = { site: 'a', ok: true, message: 'a: asked for; it moves to primary within 60 s' };
  const refused = { site: 'b', ok: false, message: 'Refused: b is held.' };
  for (const action of ['failback', 'point']) {
    const { text } = orderResult({ ok: true, message: '' }, [asked], { ...PLAIN, action });
    assert.equal(text, 'asked for  a: it moves to primary within 60 s');
  }
  const two = orderResult({ ok: false, message: '' }, [asked, refused], { ...PLAIN, action: 'failback' });
  assert.deepEqual(two.text.split('\n'), [
    'asked for  a: it moves to primary within 60 s',
    'not done   b: Refused: b is held.',
    'Asked for on 1 of 2 sites, not for 1.',
  ]);
});
