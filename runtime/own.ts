// A lookup by a text that came from elsewhere: `object[key]` would find what every object has, such as its constructor.

/** The field of the object itself; undefined where it has none of that name. */
export const ownOf = <Value>(object: Readonly<Record<string, Value>>, key: string): Value | undefined =>
  Object.hasOwn(object, key) ? object[key] : undefined;
