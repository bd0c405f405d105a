// A schema as an operator reads it: one line a field, with its type, its bounds and what it means.
import type * as v from 'valibot';

export interface Shape {
  /** `visit.id`, `lines[].sku`; '' for the whole. */
  readonly path: string;
  /** `number`, `text`, `true`, `en or es`; with `?` where it may be absent. */
  readonly type: string;
  readonly description: string;
}

interface Node {
  readonly type: string;
  readonly kind?: string;
  readonly pipe?: readonly Node[];
  readonly entries?: Readonly<Record<string, Node>>;
  readonly options?: readonly unknown[];
  readonly item?: Node;
  readonly wrapped?: Node;
  readonly literal?: unknown;
  readonly requirement?: unknown;
  readonly description?: string;
}

/** The fields of a schema, the ones of its parts right below it. */
export function shapeOf(schema: v.GenericSchema, path = ''): readonly Shape[] {
  return fieldsOf(schema as unknown as Node, path, '');
}

function fieldsOf(node: Node, path: string, mark: string): Shape[] {
  const steps = node.pipe ?? [node];
  // Of a pipe with several schemas the last is what is taken.
  const core = steps.findLast(({ kind }) => kind === 'schema') ?? node;
  const description = steps.find(({ type }) => type === 'description')?.description ?? '';
  switch (core.type) {
    case 'optional':
      return fieldsOf(core.wrapped!, path, '?');
    case 'nullable':
      return fieldsOf(core.wrapped!, path, mark).map((shape, index) =>
        index === 0
          ? { ...shape, type: `${shape.type} or null`, description: description || shape.description }
          : shape,
      );
    case 'object':
      return [
        ...(path === '' ? [] : [{ path, type: `object${mark}`, description }]),
        ...Object.entries(core.entries!).flatMap(([key, entry]) => fieldsOf(entry, join(path, key), '')),
      ];
    case 'variant':
      return (core.options as readonly Node[]).flatMap((option, index) => [
        ...(index === 0 ? [] : [{ path: '', type: 'or', description: '' }]),
        ...fieldsOf(option, path, mark),
      ]);
    case 'array':
      return [{ path, type: `list${mark}`, description }, ...fieldsOf(core.item!, `${path}[]`, '').slice(1)];
    case 'literal':
      return [{ path, type: `\`${String(core.literal)}\`${mark}`, description }];
    case 'picklist':
      return [
        { path, type: `${core.options!.map((option) => `\`${String(option)}\``).join(' or ')}${mark}`, description },
      ];
    case 'boolean':
      return [{ path, type: `true or false${mark}`, description }];
    default:
      return [{ path, type: `${core.type === 'string' ? 'text' : core.type}${boundsOf(steps)}${mark}`, description }];
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

function boundsOf(steps: readonly Node[]): string {
  const bound = (type: string) => steps.find((step) => step.type === type)?.requirement;
  const [min, max, length] = [bound('min_value'), bound('max_value'), bound('max_length')];
  if (max !== undefined) return `, ${String(min)} to ${String(max)}`;
  return length === undefined ? '' : `, at most ${String(length)} characters`;
}
