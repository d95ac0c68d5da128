import { canonicalJson } from '../harness/json.ts';
import { type Change, MockToolError } from './mock-server.ts';

type Row = { readonly id: string };

/**
 * Rows of one entity by id, in order of creation, with the net changes since the start. Rows are never modified, only
 * replaced, so that a row handed out stays as it was. Cost of the tracking is per row written, not per row held.
 */
export class Table<Entity extends Row> {
  readonly entity: string;
  /** How many rows there were at the start. */
  readonly startSize: number;
  readonly #rows: Map<string, Entity>;
  /** Rows written to, as they were at the start; `undefined` for those that did not exist. */
  readonly #start = new Map<string, Entity | undefined>();
  readonly #idOf: (number: number) => string;
  readonly #derived: ReadonlySet<string>;
  #added = 0;

  /**
   * `idOf` writes the id of a row by its number, counted from 1. `derived` names the fields that the server computes
   * itself, such as `updatedAt`: a row that differs from its start in those alone counts as unchanged.
   */
  constructor(
    entity: string,
    rows: readonly Entity[],
    idOf: (number: number) => string,
    derived: readonly (keyof Entity & string)[] = [],
  ) {
    this.entity = entity;
    this.startSize = rows.length;
    this.#rows = new Map(rows.map((row) => [row.id, row]));
    this.#idOf = idOf;
    this.#derived = new Set(derived);
  }

  get size(): number {
    return this.#rows.size;
  }

  get(id: string): Entity | undefined {
    return this.#rows.get(id);
  }

  /** The row of an id that a tool was given. Throws a `MockToolError` that shows what ids look like where there is none. */
  need(id: string): Entity {
    const row = this.#rows.get(id);
    if (row !== undefined) return row;
    const shown = JSON.stringify(id.slice(0, 60));
    throw new MockToolError(`${this.entity} ${shown} not found; ids of this kind look like ${this.idLike}`);
  }

  /** What ids look like, for descriptions and messages. */
  get idLike(): string {
    return this.#idOf(7);
  }

  /** An id that no row had before, also no deleted one. */
  newId(): string {
    this.#added += 1;
    return this.#idOf(this.startSize + this.#added);
  }

  all(): Entity[] {
    return [...this.#rows.values()];
  }

  values(): IterableIterator<Entity> {
    return this.#rows.values();
  }

  /** Adds a row, or replaces the one with its id. */
  put(row: Entity): void {
    this.#remember(row.id);
    this.#rows.set(row.id, row);
  }

  delete(id: string): void {
    this.#remember(id);
    this.#rows.delete(id);
  }

  /** Net differences against the start, sorted by id. */
  changes(): Change[] {
    const changes: Change[] = [];
    for (const [id, before] of [...this.#start].sort(([a], [b]) => (a < b ? -1 : 1))) {
      const after = this.#rows.get(id);
      const change = { entity: this.entity, id };
      if (before === undefined) {
        if (after !== undefined) changes.push({ operation: 'create', ...change, after });
      } else if (after === undefined) {
        changes.push({ operation: 'delete', ...change, before });
      } else if (this.#essence(before) !== this.#essence(after)) {
        changes.push({ operation: 'update', ...change, before, after });
      }
    }
    return changes;
  }

  #remember(id: string): void {
    if (!this.#start.has(id)) this.#start.set(id, this.#rows.get(id));
  }

  #essence(row: Entity): string {
    return canonicalJson(Object.fromEntries(Object.entries(row).filter(([key]) => !this.#derived.has(key))));
  }
}

/** The changes of several tables, in the order that a server lists them in: by entity, then by id. */
export function changesOf(...tables: readonly { entity: string; changes(): Change[] }[]): Change[] {
  return tables.toSorted((a, b) => (a.entity < b.entity ? -1 : 1)).flatMap((table) => table.changes());
}
