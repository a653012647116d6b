import type { Defect } from './defect.ts';

/** Defects by which trouble at one site, zone, vantage or service delays another, or stays a secret. */
export const DELAYS: readonly Defect[] = [
  {
    name: 'one-lane-for-all-zones',
    why: 'While one zone cannot be listed, no site of any other zone is moved.',
    file: 'lambda/async/lanes.ts',
    from: 'await lane.busy;\n    // What',
    to: 'for (const each of lanes.values()) await each.busy;\n    // What',
  },
  {
    name: 'getchange-asked-in-the-lane',
    why: 'While Route 53 does not tell what became of earlier changes, nothing else is moved.',
    file: 'lambda/apply/act.ts',
    from: 'const unread = await listAgain(listings, zone, sites);',
    to:
      'for (const { state } of apply.book.entries.values()) if (state.unpublished !== undefined) await apply.zones.changeStatus(state.unpublished.changeId).catch(() => {});\n' +
      '  const unread = await listAgain(listings, zone, sites);',
  },
  {
    name: 'judging-waits-for-what-was-decided',
    why: 'While a change of a site is under way, nobody looks at it, and those that are asked about together wait too.',
    file: 'lambda/controller/round.ts',
    from: 'if (done !== undefined) acts.push(done);',
    to: 'if (done !== undefined) await done;',
  },
  {
    name: 'look-waits-for-the-last-vantage',
    why: 'One vantage of three that hangs delays every failover.',
    file: 'lambda/observe/observe.ts',
    from: 'const GRACE_MS = 1000;',
    to: 'const GRACE_MS = 1_000_000;',
  },
  {
    name: 'save-waited-for-to-its-end',
    why: 'A table that hangs keeps each move waiting for as long as its client does.',
    file: 'lambda/book/table.ts',
    from: 'const SAVE_LATE_MS = 2000;',
    to: 'const SAVE_LATE_MS = 2_000_000;',
  },
  {
    name: 'read-reopens-the-table-for-saves',
    why: 'While reads work and saves hang, every controller and every site waits for a save once more.',
    file: 'lambda/book/table.ts',
    from: 'book.readsAway = false;\n    book.storeFailed',
    to: 'book.readsAway = false;\n    book.savesAway = false;\n    book.failing.clear();\n    book.storeFailed',
  },
  {
    name: 'zones-opened-one-after-the-other',
    why: 'A zone that cannot be listed leaves all sites of the next zones without a controller.',
    file: 'lambda/controller/open.ts',
    from: '...config.zones.map(({ name }) => openZone(schedule, name, { loaded, noted })),',
    to:
      'config.zones.reduce((before, { name }) => before.then(() => ' +
      'openZone(schedule, name, { loaded, noted })), Promise.resolve()),',
  },
  {
    name: 'unlisted-zone-is-a-secret',
    why: 'A dead primary in a zone that cannot be listed is told to nobody.',
    file: 'lambda/zones/listing.ts',
    from: 'view ?? presumed(site, stateOf(listings.book, site).written);',
    to: 'view;',
  },
  {
    name: 'late-move-untold',
    why: 'A move that Route 53 does not answer for minutes is not made, and nobody hears of it meanwhile.',
    file: 'lambda/apply/due.ts',
    from: 'const LATE_MS = 4500;',
    to: 'const LATE_MS = 4_000_000;',
  },
  {
    name: 'one-message-at-a-time',
    why: 'One message that the topic does not take keeps the news of all other sites back.',
    file: 'lambda/notify/due-messages.ts',
    from: '!telling.has(name) &&',
    to: 'telling.size === 0 &&',
  },
  {
    name: 'credentials-given-up-early',
    why: 'While STS is away, a site in a zone of another account is not moved although the credentials for it still work.',
    file: 'lambda/edge/role-credentials.ts',
    from: 'kept.credentials.lifeMs - ARRIVAL_MS;',
    to: 'kept.credentials.lifeMs - 300_000;',
  },
  {
    name: 'credentials-waited-for-while-others-last',
    why: 'While STS hangs, each call to a zone of another account waits for it, with credentials at hand.',
    file: 'lambda/edge/role-credentials.ts',
    from: 'if (!isGood(kept, clock)) await kept.asking;',
    to: 'await kept.asking;',
  },
  {
    name: 'want-of-credentials-taken-for-a-lost-write',
    why: 'A change that was never sent, for want of credentials, is waited for as if Route 53 might have it.',
    file: 'lambda/edge/role-credentials.ts',
    from: "'denied' : 'unavailable';",
    to: "'denied' : 'lost';",
  },
  {
    name: 'hold-waits-for-the-listing',
    why: 'A person who holds a site while Route 53 hangs has no answer before the console gives up, and the site moves.',
    file: 'lambda/console/in-time.ts',
    from: 'export const IN_TIME_MS = 3000;',
    to: 'export const IN_TIME_MS = 60_000;',
  },
  {
    name: 'healths-from-before-an-outage-count',
    why: 'After an hour in which nothing could be stored, a server is moved to or from on what was seen before it.',
    file: 'lambda/controller/baton.ts',
    from: 'return { lastRoundMs, unstored, healths: handedOver(leaving), blind };',
    to: 'return { lastRoundMs };',
  },
  {
    name: 'blind-looks-not-handed-over',
    why: 'With one look a minute each controller counts to one, and nobody hears that too few vantages see a site.',
    file: 'lambda/controller/open.ts',
    from: 'noted.blind[site.name] ?? 0',
    to: '0',
  },
  {
    name: 'counts-not-handed-over',
    why: 'Each controller counts the failed looks anew: one that begins in the midst of an outage needs all of them.',
    file: 'lambda/core/steps/observed.ts',
    from: 'laterHealths(state.targets, handed)',
    to: 'laterHealths(state.targets)',
  },
  {
    name: 'late-look-not-handed-over',
    why: 'A first look that a hanging server has not answered is lost with its controller, and the next comes an interval later.',
    file: 'lambda/core/evidence/handover.ts',
    from: 'isLate ||\n',
    to: '\n',
  },
  {
    name: 'doubt-not-handed-over',
    why: 'The controller that follows on a first doubt looks again only an interval later.',
    file: 'lambda/core/evidence/handover.ts',
    from: '(lastLook !== undefined && isDoubt(lastLook)) ||',
    to: '',
  },
  {
    name: 'left-unsaved-by-a-slow-save',
    why: 'What changed while a slow save was under way is neither stored nor told before the next look.',
    file: 'lambda/book/table.ts',
    from: 'if (!(await answered) || !saving.late) return;',
    to: 'if (await answered) return;',
  },
];
