import { DEMO_PRIMARY_NAME, DEMO_SITE } from './demo-config.ts';
import { PRIMARY, restart, STANDBY } from './demo-servers.ts';
import { resolve } from './outside.ts';
import { askForFailback, health, leftAlone, observe, observeMail, type Stage } from './story.ts';
import { visit } from './visit.ts';

/** Both addresses, as a visitor who asked before the failure still has them, in either order. */
const CACHED = [
  [PRIMARY.address, STANDBY.address],
  [STANDBY.address, PRIMARY.address],
];

/** Tells the story of the lever `dual`. Rejects with `StepFailed` at the first step that cannot be seen from outside. */
export const tellDual = async (stage: Stage): Promise<void> => {
  await allIsWell(stage);
  await thePrimaryDies(stage);
  await thePrimaryReturns(stage);
  await aPersonMovesItBack(stage);
};

const allIsWell = async (stage: Stage): Promise<void> => {
  stage.chapter('All is well: both addresses are published, and the gate of the standby sends visitors on.');
  await observe(stage, 'the local cloud', 'ready', async () => (stage.isReady() ? 'ready' : 'not ready'));
  await observeSet(stage, [PRIMARY.address, STANDBY.address], PRIMARY.address);
  await observeVisit(stage, 'the primary, by a visitor who takes its address', PRIMARY.name, CACHED[0]);
  await observeVisit(
    stage,
    `the primary, by one who takes the other and is sent on to ${DEMO_PRIMARY_NAME}`,
    `${PRIMARY.name}, sent on by ${STANDBY.address}`,
    CACHED[1],
  );
};

const thePrimaryDies = async (stage: Stage): Promise<void> => {
  stage.chapter(`The primary dies: process ${stage.primary.pid} is killed. Its address leaves the set.`);
  await stage.primary.kill();
  await observe(stage, 'the primary, by the word of the vantages', 'down', () => health(stage));
  await observeSet(stage, [STANDBY.address], STANDBY.address);
  await observeVisit(stage, 'the page, as DNS leads there', STANDBY.name);
  stage.chapter('Who asked DNS before has both addresses cached, and waits for no TTL.');
  for (const addresses of CACHED)
    await observeVisit(stage, `the page, with ${addresses.join(' and ')} cached`, STANDBY.name, addresses);
  await observeMail(stage, 'failover');
};

const thePrimaryReturns = async (stage: Stage): Promise<void> => {
  stage.chapter(
    'The primary comes back. No gate stands before it, so its address stays out until it serves.',
  );
  stage.onRestart(await restart(stage.primary));
  await observe(stage, 'the primary, by the word of the vantages', 'up', () => health(stage));
  await leftAlone(stage);
};

const aPersonMovesItBack = async (stage: Stage): Promise<void> => {
  stage.chapter('A person moves it back, and the standby stands beside it again.');
  await askForFailback(stage);
  await observeSet(stage, [PRIMARY.address, STANDBY.address], PRIMARY.address);
  await observeVisit(
    stage,
    'the page, by a visitor who takes the address of the standby',
    `${PRIMARY.name}, sent on by ${STANDBY.address}`,
    CACHED[1],
  );
  await observeMail(stage, 'failback');
};

const observeSet = async (stage: Stage, set: string[], alone: string): Promise<void> => {
  const told = async (name: string) => (await resolve(stage.cloud.dns, name)).sort().join(', ');
  await observe(stage, `${DEMO_SITE} in DNS, over UDP`, set.join(', '), () => told(DEMO_SITE));
  await observe(stage, `${DEMO_PRIMARY_NAME}`, alone, () => told(DEMO_PRIMARY_NAME));
};

const observeVisit = (stage: Stage, what: string, expected: string, addresses?: string[]): Promise<void> =>
  observe(stage, what, expected, async () => {
    const { end, sentOnBy } = await visit(stage.cloud.dns, DEMO_SITE, stage.primary.port, addresses);
    return sentOnBy.length === 0 ? end : `${end}, sent on by ${sentOnBy.join(', ')}`;
  });
