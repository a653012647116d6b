import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { control } from '../../../local/control.ts';
import { OPERATOR } from '../../../local/credentials.ts';
import { controlDemoServers, type DemoControl } from '../../../local/demo-control.ts';
import { type DemoServers, startDemoServers } from '../../../local/demo-servers.ts';
import { faultTable } from '../../../local/faults.ts';

let servers: DemoServers;
let demo: DemoControl;
before(async () => {
  servers = await startDemoServers();
  demo = controlDemoServers(servers);
});
after(() => demo.close());

/** What a probe of the primary meets: status and text, or why there is none. */
const probe = async (): Promise<string> => {
  const { address, port } = servers.primary;
  try {
    const signal = AbortSignal.timeout(500);
    const answer = await fetch(`http://${address}:${port}/healthz`, {
      signal,
      headers: { connection: 'close' },
    });
    return `${answer.status} ${(await answer.text()).trim()}`;
  } catch (error) {
    const { name, cause } = error as Error & { cause?: { code?: string } };
    return cause?.code ?? name;
  }
};

describe('a demo server', { timeout: 30_000 }, () => {
  test('answers ok, and fails in each way and back as often as it is told', async () => {
    assert.equal(await probe(), '200 ok');
    for (const [deed, meets] of [
      ['break', '503 broken'],
      ['break', '503 broken'],
      ['revive', '200 ok'],
      ['hang', 'TimeoutError'],
      ['break', '503 broken'],
      ['hang', 'TimeoutError'],
      ['revive', '200 ok'],
      ['slow', 'TimeoutError'],
      ['revive', '200 ok'],
      ['hang', 'TimeoutError'],
      ['kill', 'ECONNREFUSED'],
      ['kill', 'ECONNREFUSED'],
      ['revive', '200 ok'],
    ] as const) {
      assert.match(await demo.perform('primary', deed), /^primary at http:\/\/127\.0\.0\.2:\d+\//);
      assert.equal(await probe(), meets, deed);
    }
  });

  test('that was killed, also by somebody else, is told to be revived first', async () => {
    const said = await demo.perform('primary', 'revive');
    process.kill(Number(/process (\d+)/.exec(said)?.[1]), 'SIGKILL');
    // That a process has ended is known a moment after its port is closed.
    let told = '';
    for (let tries = 0; tries < 100 && told === ''; tries += 1) {
      await sleep(20);
      told = await demo.perform('primary', 'hang').then(
        () => '',
        (error: Error) => error.message,
      );
    }
    assert.match(told, /was killed\. Revive it first\.$/);
    await demo.perform('primary', 'revive');
    assert.equal(await probe(), '200 ok');
  });
});

describe('/_local/demo-servers', () => {
  const faults = faultTable({ operations: {}, functions: [] });
  const headers = { authorization: `Bearer ${OPERATOR.secretAccessKey}` };
  const post = async (body: unknown, to: { demo?: DemoControl } = { demo }) => {
    const request = { method: 'POST', headers };
    const text = Buffer.from(JSON.stringify(body));
    const reply = await control({ faults, ...to }, request, '/_local/demo-servers', text);
    return [reply.status, JSON.parse(String(reply.body))] as const;
  };

  test('does what it is told', async () => {
    const [status, { message }] = await post({ server: 'primary', do: 'break' });
    assert.equal(status, 200);
    assert.match(message, /process \d+: it answers 503/);
    assert.equal(await probe(), '503 broken');
  });

  for (const [what, body, says] of [
    ['an unknown server', { server: 'third', do: 'kill' }, /one of primary and standby, received "third"/],
    ['no server', { do: 'kill' }, /received "undefined"/],
    [
      'an unknown deed',
      { server: 'primary', do: 'smash' },
      /one of kill, hang, slow, break, revive, received "smash"/,
    ],
    ['a deed that objects have', { server: 'primary', do: 'constructor' }, /received "constructor"/],
    ['nothing', null, /received undefined/],
  ] as const)
    test(`refuses ${what}`, async () => {
      const [status, { error }] = await post(body);
      assert.equal(status, 400);
      assert.match(error, says);
    });

  test('tells their names, which are none where it watches servers of yours', async () => {
    const named = async (to: { demo?: DemoControl }) => {
      const request = { method: 'GET', headers };
      const { body } = await control({ faults, ...to }, request, '/_local/demo-servers', Buffer.alloc(0));
      return JSON.parse(String(body));
    };
    assert.deepEqual(await named({ demo }), { servers: ['primary', 'standby'] });
    assert.deepEqual(await named({}), { servers: [] });
  });

  test('says where there are none', async () => {
    const [status, { error }] = await post({ server: 'primary', do: 'kill' }, {});
    assert.equal(status, 400);
    assert.match(error, /no demo servers: it was started with --config or --assembly/);
  });
});
