/**
 * No redirect loop in any state: every combination of what gates believe, what DNS tells a visitor at each of its steps, how
 * the servers are, and what is asked for is played to its end.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { answerTo, type View } from '../../../gate/answer.ts';

const [HOST, PRIMARY_HOST] = ['www.example.com', 'www-primary.example.com'];
const PATH = '/basket?item=1&next=%2Fa';

type Condition = 'ok' | '500' | 'refused';
/** A primary without a gate, and two standbys with one each, whose views need not agree. */
type Stage = { conditions: [Condition, Condition, Condition]; views: [View, View] };
type Visit = { host: string; path: string; method: string; isProbe: boolean };
type End = { status: number | 'refused'; server: number; redirects: number; visit: Visit };

const combinations = function* <T>(choices: readonly T[], length: number): Generator<T[]> {
  if (length === 0) return yield [];
  for (const rest of combinations(choices, length - 1)) for (const choice of choices) yield [...rest, choice];
};

/** What a server answers: its gate, if it has one, then its application. */
const serve = (
  stage: Stage,
  server: number,
  visit: Visit,
): { status: number | 'refused'; location?: string } => {
  const condition = stage.conditions[server];
  const application = { status: condition === 'ok' ? 200 : condition === '500' ? 500 : ('refused' as const) };
  // A gate goes on answering where its application is gone: that is 502.
  if (server === 0) return application;
  const asked = {
    authority: visit.host,
    target: visit.path,
    scheme: 'https' as const,
    isProbe: visit.isProbe,
  };
  const answer = answerTo(asked, stage.views[server - 1] as View, PRIMARY_HOST);
  if (answer.act === 'redirect') return { status: 307, location: answer.location };
  if (answer.act === 'misdirected') return { status: 421 };
  return application.status === 'refused' ? { status: 502 } : application;
};

const MANY = 20;

/**
 * A visitor who follows redirects. `told[step]` are the addresses that DNS tells at that step, in order; of the name of the
 * primary alone it is the first of them: names may be told from different views. A refused connection leads to the next.
 */
const follow = (stage: Stage, first: Visit, told: number[][]): End => {
  let visit = first;
  for (let redirects = 0; ; redirects++) {
    assert.ok(redirects < MANY, `a loop: ${JSON.stringify({ stage, first, told })}`);
    const all = told[Math.min(redirects, told.length - 1)] as number[];
    const addresses = visit.host === PRIMARY_HOST ? all.slice(0, 1) : all;
    let server = addresses[0] as number;
    let answer = serve(stage, server, visit);
    for (const next of addresses.slice(1)) {
      if (answer.status !== 'refused') break;
      server = next;
      answer = serve(stage, server, visit);
    }
    if (answer.location === undefined) return { status: answer.status, server, redirects, visit };
    const url = new URL(answer.location);
    // 307: the method stays, and so do the headers that a program sets for every request.
    visit = { ...visit, host: url.hostname, path: url.pathname + url.search };
  }
};

const SETS = [[0], [1], [2], [0, 1], [1, 0], [1, 2], [2, 1], [0, 1, 2], [2, 1, 0]];

const everyStage = function* (): Generator<Stage> {
  for (const conditions of combinations(['ok', '500', 'refused'] as const, 3))
    for (const views of combinations(['serves', 'stands-by'] as const, 2))
      yield { conditions, views } as Stage;
};

const everyVisit = function* (): Generator<Visit> {
  for (const host of [HOST, PRIMARY_HOST, 'other.example', ''])
    for (const method of ['GET', 'HEAD', 'POST', 'DELETE'])
      for (const isProbe of [false, true]) yield { host, path: PATH, method, isProbe };
};

test('every visit ends, after one redirect at most, with method, path and query kept', () => {
  let played = 0;
  for (const stage of everyStage()) {
    for (const visit of everyVisit()) {
      for (const told of combinations(SETS, 2)) {
        const end = follow(stage, visit, told);
        played += 1;
        assert.ok(end.redirects <= 1);
        assert.equal(end.visit.method, visit.method);
        assert.equal(end.visit.path, PATH);
        if (visit.isProbe || visit.host === PRIMARY_HOST) assert.equal(end.redirects, 0);
        // A probe is answered by the application of the server it was sent to, never by a gate.
        if (visit.isProbe) assert.ok(end.status !== 421 && end.status !== 307);
      }
    }
  }
  assert.equal(played, 27 * 4 * 4 * 4 * 2 * 81);
});

test('where gates and DNS agree, every visitor gets content from the server that serves', () => {
  for (const stage of everyStage()) {
    const [first, second] = stage.views;
    const serving = [first, second].indexOf('serves') + 1;
    // Both cannot serve, and whoever serves works: that is what the controller sees to.
    if ((first === 'serves' && second === 'serves') || stage.conditions[serving] !== 'ok') continue;
    const sets = SETS.filter((set) => set.includes(serving) && (serving === 0 || !set.includes(0)));
    for (const visit of everyVisit()) {
      if (visit.isProbe) continue;
      for (const set of sets) {
        // The name of the primary alone is pointed at the serving server in the same change.
        const own = [serving];
        const end = follow(stage, visit, visit.host === PRIMARY_HOST ? [own] : [set, own]);
        assert.deepEqual([end.status, end.server], [200, serving]);
      }
    }
  }
});

test('with old answers cached, a refused primary costs nobody the standby that serves', () => {
  const stage: Stage = { conditions: ['refused', 'ok', 'ok'], views: ['serves', 'stands-by'] };
  for (const set of [[0, 1], [1, 0], [1]]) {
    const visit = { host: HOST, path: PATH, method: 'GET', isProbe: false };
    assert.deepEqual([follow(stage, visit, [set]).status, follow(stage, visit, [set]).server], [200, 1]);
  }
});
