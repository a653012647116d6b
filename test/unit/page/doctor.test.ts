import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Prognosis } from '../../../lambda/core/doctor/diagnosis.ts';
import type { Finding } from '../../../lambda/core/state/finding.ts';
import { doctorPage } from '../../../page/doctor.ts';

const FOUND: Finding = {
  code: 'one-server',
  severity: 'error',
  site: 'www.dyn.example.net',
  what: 'It has <one> server.',
  why: 'Nothing could take over.',
  mend: 'Add a second one.',
};
const would = (site: string, is: Prognosis['would'], text = `${site} WOULD FAIL OVER.`): Prognosis => ({
  site,
  would: is,
  text,
});

describe('the view of the doctor', () => {
  test('has each finding with why it matters and its mend, escaped, and leads to its site', () => {
    const { markup } = doctorPage({ findings: [FOUND], prognoses: [] }, 'switchover');
    assert.match(markup, /<li class="group bad">/);
    assert.match(markup, /It has &lt;one&gt; server\./);
    assert.match(markup, /<strong>Add a second one\.<\/strong>/);
    assert.match(markup, /<a class="name" href="\/site\/www\.dyn\.example\.net">/);
  });

  test('says of each site whether it would fail over, those that would not first', () => {
    const prognoses = [
      would('a.example', 'fail-over'),
      would('b.example', 'not', 'b.example WOULD NOT FAIL OVER, because there is one server.'),
      would('c.example', 'unknown', 'Nobody can tell whether c.example WOULD FAIL OVER.'),
    ];
    const { markup } = doctorPage({ findings: [], prognoses }, 'switchover');
    assert.match(markup, /1 of 3 sites would fail over now\./);
    const order = [...markup.matchAll(/<a href="\/site\/(\w)\.example">/g)].map(([, name]) => name);
    assert.deepEqual(order, ['b', 'c', 'a']);
    assert.match(markup, /because there is one server/);
  });

  test('counts the many that would', () => {
    const prognoses = Array.from({ length: 300 }, (_, at) => would(`s${at}.example`, 'fail-over'));
    const { markup } = doctorPage({ findings: [], prognoses }, 'switchover');
    assert.match(markup, /And 250 more that would\./);
  });
});
