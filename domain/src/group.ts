// Map.groupBy, which Node 20 lacks: what belongs together, in the order in which it came.

/** The items by what `keyOf` says of each; neither a group nor the map is shared with anybody. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  return groups;
}
