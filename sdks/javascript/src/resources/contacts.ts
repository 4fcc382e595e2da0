import type { RequestOptions } from "../options.js";
import type { ListRequest } from "../paging.js";
import type { Deleted } from "../types/common.js";
import type {
  BulkResult,
  Contact,
  ContactBulk,
  ContactCreate,
  ContactListParams,
  ContactSearch,
  ContactUpdate,
} from "../types/contacts.js";
import { type ListOf, type ListOptions, named, path, Resource } from "./resource.js";

export class Contacts extends Resource {
  list(params?: ContactListParams, options?: ListOptions): ListRequest<Contact> {
    return this.pages("/contacts", params, options);
  }

  async get(id: string, options?: RequestOptions): Promise<Contact> {
    return this.send("GET", path`/contacts/${id}`, options);
  }

  async create(contact: ContactCreate, options?: RequestOptions): Promise<Contact> {
    return this.send("POST", "/contacts", options, contact);
  }

  /** Changes only what is given. */
  async update(id: string, changes: ContactUpdate, options?: RequestOptions): Promise<Contact> {
    return this.send("PUT", path`/contacts/${id}`, options, changes);
  }

  /** Permanent: memberships, enrolments and messages go too. */
  async delete(id: string, options?: RequestOptions): Promise<Deleted> {
    return this.send("DELETE", path`/contacts/${id}`, options);
  }

  /** Creates or updates up to 1000. Bad rows are in `errors` and do not stop the good ones. */
  async bulk(bulk: ContactBulk, options?: RequestOptions): Promise<BulkResult> {
    return this.send("POST", "/contacts/bulk", options, bulk);
  }

  /** Answers like `list`, and can be awaited and iterated in the same way. */
  search(search: ContactSearch = {}, options?: ListOptions): ListRequest<Contact> {
    return this.postedPages("/contacts/search", search, options);
  }

  async addToGroups(id: string, groupIds: ListOf<"groupIds">, options?: RequestOptions): Promise<Contact> {
    return this.send("POST", path`/contacts/${id}/groups`, options, named("groupIds", groupIds));
  }

  async removeFromGroups(id: string, groupIds: ListOf<"groupIds">, options?: RequestOptions): Promise<Contact> {
    return this.send("DELETE", path`/contacts/${id}/groups`, options, named("groupIds", groupIds));
  }

  async addTags(id: string, tags: ListOf<"tags">, options?: RequestOptions): Promise<Contact> {
    return this.send("POST", path`/contacts/${id}/tags`, options, named("tags", tags));
  }

  async removeTags(id: string, tags: ListOf<"tags">, options?: RequestOptions): Promise<Contact> {
    return this.send("DELETE", path`/contacts/${id}/tags`, options, named("tags", tags));
  }
}
