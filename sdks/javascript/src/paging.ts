import { FluenzrError } from "./errors.js";
import type { Envelope } from "./transport.js";
import type { PageMeta, PageParams } from "./types/common.js";

/** Awaiting a whole list gives at most this many items. */
export const MAX_AWAITED_ITEMS = 10_000;
const MOST_PER_PAGE = 100;

export type FetchPage<T> = (paging: PageParams) => Promise<Envelope<T[]>>;

/** A page's items, as an array, with `meta` and the way to the next page. */
export class Page<T> extends Array<T> {
  /** `map`, `filter` and the like give plain arrays. */
  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  readonly meta: PageMeta;
  readonly #next: (() => Promise<Page<T>>) | null;

  constructor(items: readonly T[], meta: PageMeta, next: (() => Promise<Page<T>>) | null) {
    super();
    for (const item of items) this.push(item);
    this.meta = meta;
    this.#next = next;
  }

  /** The page after this one, or null at the end. */
  async nextPage(): Promise<Page<T> | null> {
    return this.#next && this.#next();
  }
}

/**
 * A list that was asked for and not yet fetched.
 *
 * `for await` goes through every item, page after page. `await` gives one page where `page`, `perPage` or
 * `cursor` was given, else everything, up to `MAX_AWAITED_ITEMS`.
 */
export class ListRequest<T> implements PromiseLike<Page<T>>, AsyncIterable<T> {
  readonly #fetchPage: FetchPage<T>;
  readonly #asked: PageParams;
  #awaited: Promise<Page<T>> | undefined;

  constructor(fetchPage: FetchPage<T>, { page, perPage, cursor }: PageParams = {}) {
    this.#fetchPage = fetchPage;
    this.#asked = { page, perPage, cursor };
  }

  then<R = Page<T>, E = never>(
    onfulfilled?: ((page: Page<T>) => R | PromiseLike<R>) | null,
    onrejected?: ((reason: unknown) => E | PromiseLike<E>) | null,
  ): Promise<R | E> {
    this.#awaited ??= given(this.#asked) ? this.#page(this.#asked) : this.#everything();
    return this.#awaited.then(onfulfilled, onrejected);
  }

  catch<E = never>(onrejected?: ((reason: unknown) => E | PromiseLike<E>) | null): Promise<Page<T> | E> {
    return this.then(undefined, onrejected);
  }

  finally(onfinally?: (() => void) | null): Promise<Page<T>> {
    return this.then().finally(onfinally);
  }

  /** Every page, from the one asked for on: `for await (const page of client.contacts.list().pages())`. */
  async *pages(): AsyncGenerator<Page<T>, void, undefined> {
    const { page: number, perPage, cursor } = this.#asked;
    // A page by number means one of the server's own size, so that it starts where the awaited one does.
    const size = perPage ?? (number === undefined ? MOST_PER_PAGE : undefined);
    let page: Page<T> | null = await this.#page({ page: number, perPage: size, cursor });
    for (; page; page = await page.nextPage()) yield page;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    for await (const page of this.pages()) yield* page;
  }

  async #page(paging: PageParams): Promise<Page<T>> {
    const { data, meta } = await this.#fetchPage(paging);
    const whole = completeMeta(meta, paging, data.length);
    const next = following(whole, paging);
    if (next?.cursor !== undefined && next.cursor === paging.cursor) {
      throw new FluenzrError("The server gave the same cursor twice: the list would never end.");
    }
    return new Page(data, whole, next && (() => this.#page(next)));
  }

  async #everything(): Promise<Page<T>> {
    const items: T[] = [];
    for await (const page of this.pages()) {
      items.push(...page);
      if (items.length > MAX_AWAITED_ITEMS || page.meta.total > MAX_AWAITED_ITEMS) throw tooMany(page.meta.total);
    }
    const count = items.length;
    const meta = { page: 1, perPage: count, total: count, totalPages: count && 1, nextCursor: null };
    return new Page(items, meta, null);
  }
}

function given(paging: PageParams): boolean {
  return Object.values(paging).some((value) => value !== undefined && value !== null);
}

function completeMeta(meta: Partial<PageMeta> = {}, asked: PageParams, count: number): PageMeta {
  const { page = asked.page ?? 1, perPage = asked.perPage ?? count, total = count, nextCursor = null } = meta;
  return { page, perPage, total, totalPages: meta.totalPages ?? Math.ceil(total / (perPage || 1)), nextCursor };
}

/** What to ask for after a page: by cursor, or by number where a page by number came without one. */
function following(meta: PageMeta, { perPage, cursor }: PageParams): PageParams | null {
  if (meta.nextCursor) return { perPage, cursor: meta.nextCursor };
  return !cursor && meta.page < meta.totalPages ? { perPage, page: meta.page + 1 } : null;
}

function tooMany(total: number): FluenzrError {
  return new FluenzrError(
    `This list has ${total} items, more than await gathers (${MAX_AWAITED_ITEMS}): ` +
      "use for await (const item of …list()), or ask for one page with page, perPage or cursor.",
  );
}
