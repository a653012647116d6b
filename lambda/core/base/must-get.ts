/** The value of a key that every map of its kind has: that it is missing is a defect of our own. */
export const mustGet = <Key, Value>(map: ReadonlyMap<Key, Value>, key: Key): Value => {
  const value = map.get(key);
  if (value === undefined)
    throw new Error(`Expected an entry for each site, received none for ${JSON.stringify(key)}.`);
  return value;
};
