// The SDK would warn on Node 20 that later ones of it need Node 22. It is built in here: which Node this wants, its own manifest says.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';

/**
 * What Node 20 lacks of the language that this is written in: nothing else is asked of a newer one. It goes before
 * everything else of a built program, and never into the functions, which run on Lambda's Node 24.
 */
Map.groupBy ??= (items, keyOf) => {
  const groups = new Map();
  let index = 0;
  for (const item of items) {
    const key = keyOf(item, index++);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
};

Promise.withResolvers ??= <T>() => {
  const made = {} as PromiseWithResolvers<T>;
  made.promise = new Promise<T>((resolve, reject) => {
    made.resolve = resolve;
    made.reject = reject;
  });
  return made;
};

URL.parse ??= (url, base) => (URL.canParse(url, base) ? new URL(url, base) : null);
