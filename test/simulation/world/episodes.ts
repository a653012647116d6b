import { instanceFor } from './addresses.ts';
import type { Cloud } from './cloud-shape.ts';
import { deployed } from './deploys.ts';
import { freeze, skew } from './life.ts';
import { editOf, undoOf } from './people.ts';
import { START_MS } from './plan.ts';
import type { Plan } from './plan-shape.ts';
import { order, person, type Stage } from './stage.ts';
import { describe, type Episode, type Trouble } from './troubles.ts';

/** Something that happens at a time from the start of the world, milliseconds. */
export type Action = { atMs: number; run: () => void };

/** An episode's beginning and end, and what it needs before. */
export const actionsOf = (stage: Stage, episode: Episode): Action[] => {
  const { fromMs, toMs, trouble } = episode;
  const { cloud, observer } = stage;
  const begins = {
    atMs: fromMs,
    run: () => {
      observer.note(`begins ${describe(episode)}`);
      cloud.active.add(episode);
      begin(stage, trouble, toMs - fromMs);
    },
  };
  const ends = {
    atMs: toMs,
    run: () => {
      cloud.active.delete(episode);
      if (toMs > fromMs) observer.note(`ends ${describe(episode)}`);
      if (trouble.kind === 'table' && trouble.how === 'emptied') loseTable(stage, 'emptied', NOTHING, 0);
      if (trouble.kind === 'zone' && trouble.emptied) cloud.emptyZone(trouble.which);
      if (trouble.kind === 'changes' && trouble.how === 'held') letGo(cloud);
      if (['host', 'names', 'zone'].includes(trouble.kind)) cloud.addresses.follow();
    },
  };
  const restored = trouble.kind === 'table' && trouble.how === 'restored';
  return [begins, ends, ...(restored ? restoring(stage, Math.max(0, fromMs - trouble.agoMs), toMs) : [])];
};

const begin = (stage: Stage, trouble: Trouble, lastsMs: number): void => {
  const { clock, lives, observer } = stage;
  const running = lives.filter((life) => !life.dead && !life.over);
  if (trouble.kind === 'process' && trouble.chance === 'now') {
    for (const life of running) {
      observer.met(`process ${trouble.how}`);
      if (trouble.how === 'crash') life.dead = true;
      else freeze(life, clock.now(), trouble.frozenMs);
    }
  }
  if (trouble.kind === 'clock' && trouble.how === 'jump') {
    for (const life of running) {
      observer.met('clock jumped');
      skew(life, trouble.byMs);
    }
  }
  if (trouble.kind === 'deploy') observer.met(`deploy ${trouble.how}`);
  if (trouble.kind === 'deploy')
    stage.config = deployed(stage.config, stage.plan.config, trouble, stage.count);
  if (trouble.kind === 'order') void order(stage, trouble);
  if (trouble.kind === 'edit') edit(stage, trouble, lastsMs);
  if (trouble.kind === 'address') moveAddress(stage, trouble, lastsMs);
};

/** What a backup of the state table holds. The history is of no consequence to any decision. */
type Backup = { documents: [string, { text: string; version: number }][]; baton: Cloud['store']['baton'] };

const NOTHING: Backup = { documents: [], baton: undefined };

const restoring = (stage: Stage, backupMs: number, restoredMs: number): Action[] => {
  const { store } = stage.cloud;
  let kept = NOTHING;
  return [
    { atMs: backupMs, run: () => (kept = { documents: [...store.documents], baton: store.baton }) },
    { atMs: restoredMs, run: () => loseTable(stage, 'restored', kept, START_MS + backupMs) },
  ];
};

const loseTable = (
  { cloud, observer }: Stage,
  how: 'emptied' | 'restored',
  { documents, baton }: Backup,
  toMs: number,
): void => {
  Object.assign(cloud.store, { documents: new Map(documents), baton });
  observer.met(`table ${how}`);
  observer.tableLost(how, toMs);
};

/** Changes that were held become what name servers answer. */
export const letGo = (cloud: Cloud): void => {
  for (const hosted of cloud.hosted) {
    const pending = hosted.zone.pending.map((change) => ({ ...change, insyncAt: change.insyncAt ?? 0 }));
    hosted.zone = { ...hosted.zone, pending };
  }
};

/** A person edits the zone, and some time later somebody does something about it. */
const edit = (stage: Stage, trouble: Trouble & { kind: 'edit' }, lastsMs: number): void => {
  const { clock, cloud, config } = stage;
  const site = config.sites[trouble.site] as Plan['config']['sites'][number];
  const before = cloud.listing();
  const batches = editOf(trouble.how, site, before, clock.now() % 7);
  if (batches.length > 0) stage.observer.met(`edit ${trouble.how}`);
  for (const { afterMs, changes } of batches) {
    if (afterMs === 0) person(stage, changes);
    else void clock.sleep(afterMs).then(() => person(stage, changes));
  }
  const { afterwards } = trouble;
  if (afterwards === 'nothing') return;
  void clock.sleep(lastsMs).then(() => {
    if (afterwards === 'undo') {
      for (const { changes } of undoOf(site, before, cloud.listing())) person(stage, changes);
      return;
    }
    const given = { site: trouble.site, server: 0, forSeconds: 120, force: true };
    void order(stage, { kind: 'order', action: afterwards, ...given });
  });
};

/** A person moves the address of a site in the EC2 console, and some time later somebody does something about it. */
const moveAddress = (stage: Stage, trouble: Trouble & { kind: 'address' }, lastsMs: number): void => {
  const { clock, cloud, observer, config } = stage;
  const { site, how, server, afterwards } = trouble;
  const before = cloud.addresses.holder(site);
  cloud.addresses.byPerson(site, instanceFor(how, site, server));
  if (cloud.addresses.holder(site) === before) return;
  observer.met(`address ${how}`);
  if (afterwards === 'nothing') return;
  void clock.sleep(lastsMs).then(() => {
    if (afterwards === 'undo') {
      const back =
        before === 'nobody' ? 'to-nobody' : before === 'stranger' ? 'to-a-stranger' : 'to-a-server';
      return cloud.addresses.byPerson(site, instanceFor(back, site, Number(before)));
    }
    const to = Math.min(server, (config.sites[site]?.servers.length ?? 1) - 1);
    void order(stage, { kind: 'order', action: afterwards, site, server: to, forSeconds: 120, force: true });
  });
};
