import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualConfig } from '../../../../../fixtures/virtual/world.ts';
import { checkupDue, noteCheckup, planCheckup } from '../../../../../lambda/core/doctor/checkup.ts';
import { type Diagnosis, diagnose } from '../../../../../lambda/core/doctor/diagnosis.ts';
import {
  type DeploymentState,
  emptyDeployment,
  parseDeployment,
} from '../../../../../lambda/core/state/deployment-state.ts';
import { allInWords } from '../../../../support/in-words.ts';
import { type Healthy, healthy, NOW_MS, SITE } from './facts.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const config = virtualConfig([SITE]);

/** What is found once `spoil` has been at the healthy set-up. */
const found = (spoil: (facts: Healthy) => void): Diagnosis => {
  const facts = healthy();
  spoil(facts);
  return diagnose(facts, [SITE], NOW_MS);
};
const well = found(() => {});
const unconfirmed = found(({ account }) => {
  account.topics[0]!.subscriptions![0]!.state = 'pending';
  account.topics[0]!.subscriptions!.push({ protocol: 'sms', endpoint: '1', state: 'confirmed' });
});
const after = (state: DeploymentState, ...days: [atMs: number, found: Diagnosis][]): DeploymentState =>
  days.reduce((before, [atMs, diagnosis]) => noteCheckup(before, diagnosis, atMs, config), state);
const told = (state: DeploymentState) => state.outbox.map(({ atMs }) => (atMs - NOW_MS) / DAY_MS);

describe('the daily check', () => {
  test('is made an hour after the first deployment, and then each day', () => {
    assert.equal(checkupDue(emptyDeployment(), NOW_MS), false);
    const planned = planCheckup(emptyDeployment(), NOW_MS);
    assert.equal(checkupDue(planned, NOW_MS + HOUR_MS - 1), false);
    assert.equal(checkupDue(planned, NOW_MS + HOUR_MS), true);
    assert.equal(planCheckup(planned, NOW_MS + 1), planned);
    const made = after(planned, [NOW_MS, well]);
    assert.equal(checkupDue(made, NOW_MS + DAY_MS - 1), false);
    assert.equal(checkupDue(made, NOW_MS + DAY_MS), true);
  });

  test('tells nothing when all is well, or only notes are found', () => {
    const keys = found(({ zones }) => void zones[0]!.servers[0]!.keys!.push('257 3 13 AAAA'));
    assert.deepEqual(
      keys.findings.map(({ severity }) => severity),
      ['note'],
    );
    assert.deepEqual(told(after(emptyDeployment(), [NOW_MS, well], [NOW_MS + DAY_MS, keys])), []);
  });

  test('asks once more ten minutes later what was not answered, and tells it as not known then', () => {
    const silent = found(({ account }) => {
      account.zones[0]!.trouble = { code: 'lost', text: 'no answer' };
      account.topics[0]!.subscriptions![0]!.state = 'pending';
    });
    const first = after(planCheckup(emptyDeployment(), NOW_MS), [NOW_MS, silent]);
    assert.deepEqual(told(first), []);
    assert.deepEqual(parseDeployment(JSON.stringify(first)), first);
    const againMs = NOW_MS + 600_000;
    assert.deepEqual(
      [againMs - 1, againMs].map((atMs) => checkupDue(first, atMs)),
      [false, true],
    );
    const second = after(first, [againMs, silent]);
    const [mail] = allInWords(config, second);
    assert.match(mail?.subject ?? '', /: 3 new, 0 of 1 sites would not fail over, 1 not known \[/);
    assert.match(
      mail?.text ?? '',
      /Nobody can tell whether www\.dyn\.example\.net WOULD FAIL OVER: Route 53 did not/,
    );
    assert.doesNotMatch(mail?.text ?? '', /WOULD NOT|Every site/);
    assert.deepEqual(
      [againMs + 600_000, againMs + DAY_MS].map((atMs) => checkupDue(second, atMs)),
      [false, true],
    );
    assert.deepEqual(told(after(first, [againMs, well])), [], 'answered the second time');
  });

  test('tells what is new once, again after a week, and again when it comes back', () => {
    const days = Array.from(
      { length: 10 },
      (_, day) => [NOW_MS + day * DAY_MS, unconfirmed] as [number, Diagnosis],
    );
    assert.deepEqual(told(after(emptyDeployment(), ...days)), [0, 7]);
    assert.deepEqual(
      told(
        after(
          emptyDeployment(),
          [NOW_MS, unconfirmed],
          [NOW_MS + DAY_MS, well],
          [NOW_MS + 2 * DAY_MS, unconfirmed],
        ),
      ),
      [0, 2],
    );
  });

  test('tells all that is new in one message, with why, how to mend it, and what it means', () => {
    const broken = found(({ zones, account }) => {
      for (const one of zones[0]!.parent!.servers) delete one.delegation;
      account.zones[0]!.accelerated = 'DISABLED';
    });
    const [outbox, ...more] = allInWords(config, after(emptyDeployment(), [NOW_MS, broken]));
    assert.deepEqual(more, []);
    assert.equal(outbox?.kind, 'checkup');
    assert.equal(
      outbox?.subject,
      'DAILY CHECK main: 2 new, 1 of 1 sites would not fail over [main-kab7k0]'.replace(
        'main-kab7k0',
        outbox.incident,
      ),
    );
    for (const { what, why, mend } of broken.findings)
      for (const text of [what, why, mend]) assert.ok(outbox?.text.includes(text), text);
    assert.match(outbox?.text ?? '', /www\.dyn\.example\.net WOULD NOT FAIL OVER, because /);
  });

  test('tells one finding of many sites once, with their names, and hides no other one behind it', () => {
    const stale = Array.from({ length: 200 }, (_, at) => ({
      code: 'certificate-ends',
      severity: 'warning' as const,
      site: `s${at}.example.net`,
      what: `s${at}.example.net: the certificate ends soon.`,
      why: 'Visitors are turned away then.',
      mend: `Renew the certificate of s${at}.example.net.`,
    }));
    const other = {
      code: 'other',
      severity: 'error' as const,
      what: 'Nobody is told.',
      why: 'It is late.',
      mend: 'Add one.',
    };
    const diagnosis = { ...well, findings: [...stale, other] };
    const [mail, ...more] = allInWords(config, after(emptyDeployment(), [NOW_MS, diagnosis]));
    assert.deepEqual(more, []);
    const text = (mail?.text ?? '').replaceAll(/\s+/g, ' ');
    const times = (words: string) => text.split(words).length - 1;
    assert.equal(times('Visitors are turned away then.'), 1);
    assert.equal(times('Renew the certificate of SITE.'), 1);
    assert.match(
      text,
      /The certificate ends soon\. 19 sites: s0\.example\.net s1\.example\.net .*s18\.example\.net \(certificate-ends\)/,
    );
    assert.match(text, /Nobody is told\. \(other\) It is late\. Add one\./);
    assert.match(text, /and 181 more/);
  });

  test('leaves alone what is announced at once by its own name', () => {
    const edited = found(({ account }) => {
      account.sites[0]!.zone = 'edited';
      account.blind = ['eu-west-1'];
    });
    assert.deepEqual(
      edited.findings.map(({ code }) => code),
      ['edited-by-hand', 'vantage-blind'],
    );
    assert.deepEqual(told(after(emptyDeployment(), [NOW_MS, edited])), []);
  });

  test('keeps for the console what only the controller can find, and comes back from the table', () => {
    const denied = found(({ account }) => {
      account.calls[0]!.outcome = 'denied';
    });
    const state = after(emptyDeployment(), [NOW_MS, denied]);
    assert.deepEqual(
      state.checked?.kept.map(({ code }) => code),
      ['permission-write'],
    );
    assert.deepEqual(parseDeployment(JSON.stringify(state)), state);
    const facts = healthy();
    facts.account.checked = { atMs: NOW_MS, kept: state.checked?.kept ?? [] };
    assert.match(diagnose(facts, [SITE], NOW_MS).prognoses[0]?.text ?? '', /WOULD NOT/);
  });
});
