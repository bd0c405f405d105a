// A moment as staff read it: the same in every table, wherever the reader and the shop are.

export function timeOf(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
