import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { virtualStore } from '../../../../fixtures/virtual/store.ts';
import { type Draft, saveOnTop, TRIES } from '../../../../lambda/book/save-on-top.ts';
import { Fault } from '../../../../lambda/core/base/fault.ts';
import type { Stored } from '../../../../lambda/ports.ts';

/** A table in which somebody else writes `others`, one before each save. */
const meeting = (others: string[]) => {
  const store = virtualStore();
  const { save } = store;
  const left = [...others];
  store.save = async (name, text, version) => {
    const other = left.shift();
    if (other !== undefined) await save(name, other, store.documents.get(name)?.version ?? 0);
    return save(name, text, version);
  };
  return store;
};
const onTop = (stored: Stored | undefined): Draft => ({
  text: `${stored?.text ?? ''}+ours`,
  version: stored?.version ?? 0,
});
const textIn = (store: ReturnType<typeof virtualStore>) => store.documents.get('www')?.text;

describe('a document that others write, too', () => {
  test('is saved on top of each of them', async () => {
    const store = meeting(['a', 'b']);
    assert.equal(await saveOnTop(store, 'www', { text: 'ours', version: 0 }, onTop), 3);
    assert.equal(textIn(store), 'b+ours');
  });

  test('is read first where nothing is known of it', async () => {
    const store = meeting([]);
    await store.save('www', 'a', 0);
    assert.equal(await saveOnTop(store, 'www', undefined, onTop), 2);
    assert.equal(textIn(store), 'a+ours');
  });

  test('is left as it is once there is nothing to add to it', async () => {
    const store = meeting(['a']);
    assert.equal(await saveOnTop(store, 'www', { text: 'ours', version: 0 }, () => undefined), undefined);
    assert.equal(textIn(store), 'a');
  });

  test('is not tried for ever', async () => {
    let tries = 0;
    const store = meeting(Array.from({ length: 2 * TRIES }, (_, index) => `${index}`));
    const counted: typeof store = {
      ...store,
      save: async (...given) => {
        tries += 1;
        return store.save(...given);
      },
    };
    assert.equal(await saveOnTop(counted, 'www', { text: 'ours', version: 0 }, onTop), undefined);
    assert.equal(tries, TRIES);
  });

  test('is given up at once where a call fails for another reason', async () => {
    const store = meeting([]);
    store.away = true;
    await assert.rejects(
      saveOnTop(store, 'www', { text: 'ours', version: 0 }, onTop),
      (error) => error instanceof Fault && error.code === 'unavailable',
    );
  });
});
