import { FluenzrError } from "../errors.js";
import type { RequestOptions } from "../options.js";
import { ListRequest } from "../paging.js";
import type { Call, Method, Query, Transport } from "../transport.js";
import type { PageParams } from "../types/common.js";

/** What a list takes last: its pages are several calls, so there is no one idempotency key. */
export type ListOptions = Pick<RequestOptions, "signal">;

/** What the resources share. */
export abstract class Resource {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  protected async send<T>(method: Method, path: string, options?: RequestOptions, body?: object): Promise<T> {
    const { data } = await this.#transport.request<T>({ method, path, body, options });
    return data;
  }

  protected async fetch<T>(path: string, query: object, options?: RequestOptions): Promise<T> {
    const { data } = await this.#transport.request<T>({ method: "GET", path, query: query as Query, options });
    return data;
  }

  /** A list whose parameters stand in the query. */
  protected pages<T>(path: string, params: PageParams = {}, options: ListOptions = {}): ListRequest<T> {
    return this.#list(params, options, (query) => ({ method: "GET", path, query: query as Query }));
  }

  /** A list whose parameters stand in a POST's body. */
  protected postedPages<T>(path: string, params: PageParams = {}, options: ListOptions = {}): ListRequest<T> {
    return this.#list(params, options, (body) => ({ method: "POST", path, body, onlyReads: true }));
  }

  #list<T>(params: PageParams, { signal }: ListOptions, call: (params: PageParams) => Call): ListRequest<T> {
    const { page: _page, perPage: _perPage, cursor: _cursor, ...filters } = params;
    const fetchPage = (paging: PageParams) =>
      this.#transport.request<T[]>({ ...call({ ...filters, ...paging }), options: { signal } });
    return new ListRequest<T>(fetchPage, params);
  }
}

/** A path with its ids encoded. An id that would lead to another path is refused. */
export function path(texts: TemplateStringsArray, ...ids: string[]): string {
  return String.raw({ raw: texts }, ...ids.map(segment));
}

function segment(id: unknown): string {
  if (typeof id !== "string" || id === "" || id === "." || id === "..") {
    throw new FluenzrError(`An id must be a text that is not empty, not ${JSON.stringify(id)}.`);
  }
  return encodeURIComponent(id);
}

/** A list of texts as the body that the API wants: given bare, or as that body already. */
export function named<Name extends string>(name: Name, given: ListOf<Name>): object {
  return Array.isArray(given) ? { [name]: given } : given;
}

/** Bare, or as the body that the API documents: `["con_1"]` or `{contactIds: ["con_1"]}`. */
export type ListOf<Name extends string> = readonly string[] | { readonly [name in Name]: readonly string[] };
