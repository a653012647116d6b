import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig, virtualSite } from '../../../../fixtures/virtual/world.ts';
import { adviceOn, courseOf, planOf } from '../../../../lib/forecast/course.ts';

const site = (given: object = {}) => virtualSite('www', given);
const advised = (given: object, more: object = {}) => {
  const one = site(given);
  return adviceOn({ ...planOf(one, virtualConfig([one])), ...more }, one);
};

describe('advice', () => {
  test('keeps a TTL that makes sense', () => {
    const { ttlSeconds, text } = advised({});
    assert.equal(ttlSeconds, 60);
    assert.match(text, /^Keep the TTL of 60 s\. Below 14 s nothing is gained .* pay for it; above 68 s /);
  });

  test('raises one that nobody feels, and says what it costs whom', () => {
    const { ttlSeconds, text } = advised({ ttlSeconds: 10 });
    assert.equal(ttlSeconds, 20);
    assert.match(
      text,
      /^Raise the TTL from 10 to 20 s\. .* adds [45] s to the 124 s .* \$0\.01 \(small audience\), \$3\.8\d \(medium audience\) or \$483 \(large audience\)\.$/,
    );
  });

  test('lowers one that a failure mostly costs', () => {
    const { ttlSeconds, text } = advised({ ttlSeconds: 300 });
    assert.equal(ttlSeconds, 60);
    assert.match(
      text,
      /^Lower the TTL from 300 to 60 s\. .* saves the average visitor 1(09|10) of the 256 s/,
    );
  });

  test('finds a TTL where none of the usual ones makes sense', () => {
    const { ttlSeconds, text } = advised({ ttlSeconds: 86_400, downForSeconds: 43_200 });
    assert.ok(ttlSeconds > 3600 && ttlSeconds < 86_400, text);
  });

  test('says when no visitor waits for a TTL, and when half of them do', () => {
    assert.deepEqual(advised({}, { lever: 'readdress' }).ttlSeconds, 3600);
    assert.match(
      advised({}, { lever: 'readdress' }).text,
      /^No visitor waits for a TTL with the lever readdress/,
    );
    assert.match(advised({}, { lever: 'dual' }).text, /^Keep the TTL of 60 s\. Below 28 s /);
  });
});

describe('a course', () => {
  test('has the TTL of the site among the others, once, and all levers', () => {
    const one = site({ ttlSeconds: 45 });
    const { ttls, levers, plan } = courseOf(one, virtualConfig([one]));
    assert.deepEqual(
      ttls.map(({ ttlSeconds }) => ttlSeconds),
      [10, 20, 30, 45, 60, 120, 300, 600, 3600],
    );
    assert.deepEqual(
      levers.map(({ lever }) => lever),
      ['record', 'dual', 'readdress'],
    );
    assert.equal(plan.vantageCount, 3);
  });

  test('counts the queries for both families where there are two', () => {
    const both = { ipv4: ['203.0.113.10'], ipv6: ['2001:db8::1'] };
    const [four, six] = [
      {},
      {
        servers: [
          { name: 'a', ...both },
          { name: 'b', ...both },
        ],
      },
    ].map((given) => {
      const one = site(given);
      return courseOf(one, virtualConfig([one])).ttls[0]!.prices[0]!.queries;
    });
    assert.equal(six, 2 * four!);
  });
});
