import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualClock } from '../../../../fixtures/virtual/clock.ts';
import { Fault, type FaultCode } from '../../../../lambda/core/base/fault.ts';
import type { ZoneAccount } from '../../../../lambda/core/site/site.ts';
import { keepCredentials, type RoleCredentials } from '../../../../lambda/edge/role-credentials.ts';

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const accountOf = (name: string): ZoneAccount => ({
  roleArn: `arn:aws:iam::111122223333:role/${name}`,
  externalId: 'main',
});
const ROLE = accountOf('switchover-main');

/** An STS that answers after `delayMs`, or not at all, and counts. */
const fakeSts = () => {
  const clock = virtualClock(0);
  const sts = {
    clock,
    asked: [] as string[],
    delayMs: 100,
    /** What it answers in place of credentials. */
    refuses: undefined as FaultCode | undefined,
    lifeMs: HOUR_MS,
  };
  const assume = async ({ roleArn }: ZoneAccount): Promise<RoleCredentials> => {
    sts.asked.push(roleArn);
    await clock.sleep(sts.delayMs);
    if (sts.refuses !== undefined) throw new Fault(sts.refuses, 'STS', 'AssumeRole', 'AccessDenied: not you');
    const number = sts.asked.length;
    return {
      accessKeyId: `ASIA${number}`,
      secretAccessKey: 's',
      sessionToken: 't',
      lifeMs: sts.lifeMs,
    };
  };
  return { sts, credentials: keepCredentials(assume, clock) };
};

type Kept = ReturnType<typeof fakeSts>;

/** What a call gets that is made now: a key or a fault, and how long it took. */
const get = async ({ sts, credentials }: Kept, role = ROLE) => {
  const startMs = sts.clock.now();
  let got: { key?: string; fault?: Fault } | undefined;
  let endedMs = 0;
  const end = (result: typeof got) => {
    got = result;
    endedMs = sts.clock.now();
  };
  credentials.of(role).then(
    ({ accessKeyId }) => end({ key: accessKeyId }),
    (fault: Fault) => end({ fault }),
  );
  await sts.clock.runUntil(startMs);
  if (got === undefined) await sts.clock.runUntil(startMs + 5000);
  assert.ok(got, 'it was answered');
  return { ...got, waitedMs: endedMs - startMs };
};

describe('credentials of a role', () => {
  test('are asked for once, however many calls want them', async () => {
    const kept = fakeSts();
    const calls = Array.from({ length: 20 }, () => kept.credentials.of(ROLE));
    await kept.sts.clock.runUntil(1000);
    assert.deepEqual(
      new Set((await Promise.all(calls)).map(({ accessKeyId }) => accessKeyId)),
      new Set(['ASIA1']),
    );
    assert.equal((await get(kept)).waitedMs, 0);
    assert.equal(kept.sts.asked.length, 1);
  });

  test('are each role’s own, and one that hangs keeps no other waiting', async () => {
    const kept = fakeSts();
    await get(kept, accountOf('other'));
    kept.sts.delayMs = HOUR_MS;
    void kept.credentials.of(ROLE).catch(() => {});
    assert.deepEqual(await get(kept, accountOf('other')), { key: 'ASIA1', waitedMs: 0 });
  });

  test('are asked for again from half of their life on, while calls go on with the old ones', async () => {
    const kept = fakeSts();
    await get(kept);
    await kept.sts.clock.runUntil(HOUR_MS / 2 - MINUTE_MS);
    assert.deepEqual(await get(kept), { key: 'ASIA1', waitedMs: 0 });
    assert.equal(kept.sts.asked.length, 1);
    await kept.sts.clock.runUntil(HOUR_MS / 2 + MINUTE_MS);
    assert.deepEqual(await get(kept), { key: 'ASIA1', waitedMs: 0 });
    await kept.sts.clock.runUntil(HOUR_MS / 2 + 2 * MINUTE_MS);
    assert.deepEqual(await get(kept), { key: 'ASIA2', waitedMs: 0 });
    assert.equal(kept.sts.asked.length, 2);
  });

  test('last to their end while STS is away, which is asked every ten seconds', async () => {
    const kept = fakeSts();
    await get(kept);
    kept.sts.refuses = 'lost';
    for (let atMs = HOUR_MS / 2; atMs <= HOUR_MS - 2000; atMs += 1000) {
      await kept.sts.clock.runUntil(atMs);
      assert.deepEqual(await get(kept), { key: 'ASIA1', waitedMs: 0 }, `${atMs / 1000} s`);
    }
    const perSecond = (kept.sts.asked.length - 1) / (HOUR_MS / 2 / 1000);
    assert.ok(perSecond > 0.09 && perSecond <= 0.1, `${kept.sts.asked.length} were asked`);
  });

  test('that have ended are not used; why there are no others is said at once, in the words of STS', async () => {
    const kept = fakeSts();
    await get(kept);
    kept.sts.refuses = 'lost';
    await kept.sts.clock.runUntil(HOUR_MS + MINUTE_MS);
    const { fault, waitedMs } = await get(kept);
    assert.equal(fault?.code, 'unavailable');
    assert.equal(fault?.message, 'STS AssumeRole: AccessDenied: not you');
    assert.equal(waitedMs, kept.sts.delayMs);
    assert.equal((await get(kept)).waitedMs, 0);
    kept.sts.refuses = undefined;
    await kept.sts.clock.runUntil(kept.sts.clock.now() + 11_000);
    const { key, waitedMs: againMs } = await get(kept);
    assert.match(key ?? '', /^ASIA/);
    assert.equal(againMs, kept.sts.delayMs);
  });

  test('whose last renewal hangs are used until it is over', async () => {
    const kept = fakeSts();
    await get(kept);
    kept.sts.delayMs = HOUR_MS;
    await kept.sts.clock.runUntil(HOUR_MS - MINUTE_MS);
    assert.deepEqual(await get(kept), { key: 'ASIA1', waitedMs: 0 });
  });

  test('that Route 53 refuses as ended are given up, and only those', async () => {
    const kept = fakeSts();
    await get(kept);
    const first = await kept.credentials.of(ROLE);
    kept.credentials.refused(ROLE, first);
    assert.equal((await get(kept)).key, 'ASIA2');
    kept.credentials.refused(ROLE, first);
    assert.deepEqual(await get(kept), { key: 'ASIA2', waitedMs: 0 });
  });
});

test('a clock that is set back does not keep STS from being asked', async () => {
  const kept = fakeSts();
  let aheadMs = 24 * HOUR_MS;
  const credentials = keepCredentials(
    async (account) => {
      kept.sts.asked.push(account.roleArn);
      throw new Fault('lost', 'STS', 'AssumeRole', 'no answer');
    },
    { ...kept.sts.clock, now: () => kept.sts.clock.now() + aheadMs },
  );
  await assert.rejects(credentials.of(ROLE));
  await assert.rejects(credentials.of(ROLE));
  assert.equal(kept.sts.asked.length, 1);
  aheadMs = 0;
  await assert.rejects(credentials.of(ROLE));
  assert.equal(kept.sts.asked.length, 2);
});

for (const [answer, code] of [
  ['denied', 'denied'],
  ['refused', 'denied'],
  ['gone', 'denied'],
  ['throttled', 'unavailable'],
  ['lost', 'unavailable'],
  ['unavailable', 'unavailable'],
] as const)
  test(`without credentials nothing was sent to Route 53: ${answer} of STS is ${code}`, async () => {
    const kept = fakeSts();
    kept.sts.refuses = answer;
    const { fault } = await get(kept);
    assert.ok(fault);
    assert.deepEqual([fault.code, fault.system, (fault.cause as Fault).code], [code, 'STS', answer]);
  });
