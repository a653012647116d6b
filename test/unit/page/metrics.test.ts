import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metricsText } from '../../../page/metrics.ts';
import { massFailure } from '../../support/mass-failure.ts';

/** The values of a text in Prometheus' format, by name and labels; fails where a line is not of it. */
const valuesIn = (text: string): Map<string, number> => {
  const declared = new Set<string>();
  const values = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    const [, type = ''] = /^# TYPE (\w+) gauge$/.exec(line) ?? [];
    if (type !== '') declared.add(type);
    if (line.startsWith('# ')) continue;
    const read =
      /^([a-z_]+)(\{(?:[a-z]+="(?:[^"\\\n]|\\[\\"n])*"(?:,(?=[a-z]))?)*\}) (-?\d+(?:\.\d+)?)$/.exec(line);
    assert.ok(read, line);
    const [, name = '', labels = '', value] = read;
    assert.ok(declared.has(name), `${name} has a type before it has a value`);
    assert.ok(!values.has(name + labels), `${name}${labels} stands there once`);
    values.set(name + labels, Number(value));
  }
  return values;
};

test('the night after a mass failure, as metrics', () => {
  const document = massFailure();
  const values = valuesIn(metricsText(document));
  const { deployment } = document;
  assert.equal(values.get(`switchover_ok{deployment="${deployment}"}`), 0);
  const decidedAt = values.get(`switchover_decided_timestamp_seconds{deployment="${deployment}"}`);
  assert.equal(decidedAt, Date.parse(document.decidedAt ?? '') / 1000);
  for (const { site, condition, mode, servers } of document.sites) {
    const of = `deployment="${deployment}",site="${site}"`;
    assert.ok(values.has(`switchover_site_ok{${of},condition="${condition}"}`));
    assert.equal(values.get(`switchover_site_auto{${of}}`), Number(mode === 'auto'));
    for (const { server, health, serves } of servers) {
      const up = values.get(`switchover_server_up{${of},server="${server}"}`);
      assert.equal(up, { up: 1, down: 0, unknown: undefined }[health]);
      assert.equal(values.get(`switchover_server_serving{${of},server="${server}"}`), Number(serves));
    }
  }
  assert.ok([...values.keys()].some((key) => key.startsWith('switchover_server_up')));
});

test('a name with a quotation mark, a backslash or a new line stays one label', () => {
  const document = { ...massFailure(), deployment: 'a"b\\c\nd' };
  assert.match(metricsText(document), /^switchover_ok\{deployment="a\\"b\\\\c\\nd"\} 0$/m);
  valuesIn(metricsText(document));
});
