// A list is the same for all who look at it, whoever's click had it read again.

/**
 * With the dashboard's `_client` on it a list would reach the one browser that asked and leave it old in all others
 * (dashboard.flowfuse.com, "Client Data"); what one person chose keeps it, so that nobody else is shown that.
 */
export function forEverybody(payload: readonly object[]) {
  return { payload, _client: undefined };
}
