// Keeps the books in a file, so that a stand-in that is killed comes back with all it had answered.
import { DatabaseSync } from 'node:sqlite';
import { type Books, emptyBooks, type Shelf, shelvesOf } from './books.ts';

export interface State {
  readonly books: Books;
  /** Writes what has changed since the last call. Before an answer leaves, so nothing that was answered is lost. */
  flush(): void;
  close(): void;
}

export function memoryState(): State {
  const books = emptyBooks();
  return { books, flush: () => forget(books), close: () => {} };
}

/** The operating system has it when the answer leaves: safe from kill -9, not from a power cut. */
export function fileState(file: string): State {
  const database = new DatabaseSync(file);
  database.exec(`pragma journal_mode = wal; pragma synchronous = off;
    create table if not exists records (shelf text, id text, record text, primary key (shelf, id)) without rowid`);
  const books = emptyBooks();
  const shelves = shelvesOf(books);
  const rows = database.prepare('select shelf, id, record from records').all() as Record<string, string>[];
  for (const { shelf, id, record } of inOrder(rows)) shelves.get(shelf!)?.set(id!, JSON.parse(record!));
  forget(books);
  const put = database.prepare('insert or replace into records (shelf, id, record) values (?, ?, ?)');
  const drop = database.prepare('delete from records where shelf = ? and id = ?');
  return {
    books,
    flush: () => {
      database.exec('begin');
      for (const [name, shelf] of shelves) writeShelf(name, shelf);
      database.exec('commit');
    },
    close: () => database.close(),
  };

  function writeShelf(name: string, shelf: Shelf<unknown>): void {
    for (const id of shelf.takeDirty()) {
      const record = shelf.get(id);
      if (record === undefined) drop.run(name, id);
      else put.run(name, id, JSON.stringify(record));
    }
  }
}

/** Lists go by the order of creation, which a key does not tell. */
function inOrder(rows: readonly Record<string, string>[]): readonly Record<string, string>[] {
  const created = (row: Record<string, string>) => Number(/"created":(\d+)/.exec(row.record!)?.[1] ?? 0);
  return [...rows].sort((a, b) => created(a) - created(b));
}

function forget(books: Books): void {
  for (const shelf of shelvesOf(books).values()) shelf.takeDirty();
}
