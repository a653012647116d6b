/**
 * The lever `dual` as curl and Chromium see it, when the primary refuses, is silent, or answers 500. Needs root, namespaces,
 * and Debian's chromium, curl, unbound and iproute2, so it is run by .ci/run and not by `npm test`. `dual-inside.ts` says how.
 */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';

type Visit = { startMs: number; endMs: number; saw: string };
/** Times are milliseconds since the failure was detected: all vantages agreed, and nothing was written yet. */
type Measured = {
  before: string[];
  cachedBefore: string[];
  cachedLater: string[];
  dnsLater: string[];
  detectedMs: number;
  visits: Record<string, Visit[]>;
};

const BOTH = ['10.77.0.2', '10.77.0.3'];
const WITHIN_MS = 3000;

const measure = async (fault: string): Promise<Measured> => {
  const inside = [
    '-n',
    '-m',
    '--propagation',
    'private',
    process.execPath,
    '.ci/checks/dual-inside.ts',
    fault,
  ];
  const { stdout } = await promisify(execFile)('unshare', inside, {
    timeout: 300_000,
    maxBuffer: 16_777_216,
  });
  const measured = JSON.parse(stdout) as Measured;
  assert.deepEqual(measured.before, ['primary', 'primary', 'primary']);
  assert.deepEqual(measured.cachedBefore, BOTH);
  // What DNS says is the standby alone; what the resolver has cached are both.
  assert.deepEqual([measured.dnsLater, measured.cachedLater], [['10.77.0.3'], BOTH]);
  return measured;
};

/** From when on every visit was a good one, and how many were not since the failure. */
const told = (fault: string, { detectedMs, visits }: Measured): string =>
  Object.entries(visits)
    .map(([who, all]) => {
      const bad = all.filter(({ saw }) => saw !== 'standby');
      const lastBadMs = Math.max(...bad.map(({ startMs }) => startMs));
      const good = all.filter(({ saw }) => saw === 'standby');
      const first = Math.min(...good.map(({ endMs }) => endMs));
      const sure = Math.min(
        ...good.filter(({ startMs }) => startMs > lastBadMs).map(({ startMs }) => startMs),
      );
      const slowest = Math.max(...good.map(({ startMs, endMs }) => endMs - startMs));
      const seconds = (ms: number) => (Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s` : 'never');
      return `${fault}, ${who}: detected ${seconds(detectedMs)} after the failure; first good page ${seconds(first)} after that, all good from ${seconds(sure)}; ${bad.length} of ${all.length} visits failed; slowest good one ${seconds(slowest)}`;
    })
    .join('\n');

// Side by side: each has a namespace of its own, and mostly waits.
describe('the lever dual, as visitors see it', { concurrency: true }, () => {
  test('refused: curl and Chromium get the standby within 3 s of detection, with both addresses cached', async (t) => {
    const measured = await measure('refused');
    t.diagnostic(told('refused', measured));
    for (const who of ['curl', 'chromium']) {
      const late = (measured.visits[who] ?? []).filter(({ startMs }) => startMs >= WITHIN_MS);
      assert.ok(late.length > 5);
      assert.deepEqual([...new Set(late.map(({ saw }) => saw))], ['standby'], who);
      const first = (measured.visits[who] ?? []).find(({ saw }) => saw === 'standby');
      assert.ok((first?.endMs ?? Number.POSITIVE_INFINITY) <= WITHIN_MS, `${who}: ${first?.endMs} ms`);
    }
  });

  for (const fault of ['silent', '500']) {
    test(`${fault}: measured, and curl is on the standby once the TTL of 60 s has run out`, async (t) => {
      const measured = await measure(fault);
      t.diagnostic(told(fault, measured));
      // Chromium may keep its connection to a server that answers 500: that is told, and not promised.
      for (const who of ['curl', 'curl, sent on before']) {
        const last = (measured.visits[who] ?? []).reduce((a, b) => (b.startMs > a.startMs ? b : a));
        assert.equal(last.saw, 'standby', who);
      }
    });
  }
});
