// What people of the staff did, a page at a time; and the page of whoever fills the cases, which is empty yet.
import type { AuditView, RestockView } from '@tapcase/domain';
import type { Handler } from './asked.ts';

const PAGE = 50;

export const audit: Handler<'GET /staff/api/audit'> = async ({ ledger }, { given }): Promise<AuditView> => {
  const { person, before } = given;
  const rows = await ledger.acts({
    limit: PAGE + 1,
    ...(person === undefined ? {} : { staffId: person }),
    ...(before === undefined ? {} : { before }),
  });
  const acts = rows.slice(0, PAGE);
  const people = (await ledger.staff()).map(({ id, name }) => ({ id, name }));
  return { acts, people, before: rows.length > PAGE ? acts.at(-1)!.id : null };
};

export const restock: Handler<'GET /staff/api/restock'> = async (): Promise<RestockView> => ({ tasks: [] });
