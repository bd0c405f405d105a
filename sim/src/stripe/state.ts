// Keeps the books in a file, so that a stand-in that is killed comes back with all it had answered.
import { DatabaseSync } from 'node:sqlite';
import { type Books, emptyBooks, shelvesOf } from './books.ts';
import type { Shelf } from './shelf.ts';

export interface State {
  readonly books: Books;
  /** Writes what has changed since the last call. Before an answer leaves, so nothing that was answered is lost. */
  flush(): void;
  close(): void;
}

export function memoryState(): State {
  return { books: emptyBooks(), flush: () => {}, close: () => {} };
}

/** The operating system has it when the answer leaves: safe from kill -9, not from a power cut. */
export function fileState(file: string): State {
  const database = new DatabaseSync(file);
  // `place`: lists go by the order of creation.
  database.exec(`pragma journal_mode = wal; pragma synchronous = off;
    create table if not exists records (place integer primary key, shelf text, id text, record text, unique (shelf, id))`);
  const books = emptyBooks(true);
  const shelves = shelvesOf(books);
  const rows = database.prepare('select shelf, id, record from records order by place').iterate();
  for (const { shelf, id, record } of rows as Iterable<Record<string, string>>) {
    shelves.get(shelf!)?.set(id!, JSON.parse(record!));
  }
  for (const shelf of shelves.values()) shelf.takeDirty();
  const put = database.prepare(`insert into records (shelf, id, record) values (?, ?, ?)
    on conflict (shelf, id) do update set record = excluded.record`);
  const drop = database.prepare('delete from records where shelf = ? and id = ?');
  return {
    books,
    flush: () => {
      const changed = [...shelves].map(([name, shelf]) => ({ name, shelf, ids: shelf.takeDirty() }));
      if (changed.every(({ ids }) => ids.length === 0)) return;
      database.exec('begin');
      for (const each of changed) writeShelf(each);
      database.exec('commit');
    },
    close: () => database.close(),
  };

  function writeShelf({ name, shelf, ids }: { name: string; shelf: Shelf<unknown>; ids: readonly string[] }): void {
    for (const id of ids) {
      const record = shelf.get(id);
      if (record === undefined) drop.run(name, id);
      else put.run(name, id, JSON.stringify(record));
    }
  }
}
