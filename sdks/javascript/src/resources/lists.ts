import type { ListRequest } from "../paging.js";
import type { Transport } from "../transport.js";
import type { ListParams } from "../types/common.js";
import { type ListOptions, Resource } from "./resource.js";

/** A list that is only read: where a client finds the ids that other calls take. */
export class ReadOnlyList<T> extends Resource {
  readonly #path: string;

  constructor(transport: Transport, path: string) {
    super(transport);
    this.#path = path;
  }

  list(params?: ListParams, options?: ListOptions): ListRequest<T> {
    return this.pages(this.#path, params, options);
  }
}
