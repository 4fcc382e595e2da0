import type { RequestOptions } from "../options.js";
import type { ListRequest } from "../paging.js";
import type { AddResult, Deleted, ListParams, RemoveResult } from "../types/common.js";
import type { Contact, ContactSort } from "../types/contacts.js";
import type { Group, GroupCreate, GroupListParams, GroupUpdate } from "../types/groups.js";
import { type ListOf, type ListOptions, named, path, Resource } from "./resource.js";

export class Groups extends Resource {
  list(params?: GroupListParams, options?: ListOptions): ListRequest<Group> {
    return this.pages("/groups", params, options);
  }

  async get(id: string, options?: RequestOptions): Promise<Group> {
    return this.send("GET", path`/groups/${id}`, options);
  }

  async create(group: GroupCreate, options?: RequestOptions): Promise<Group> {
    return this.send("POST", "/groups", options, group);
  }

  /** Changes only what is given. */
  async update(id: string, changes: GroupUpdate, options?: RequestOptions): Promise<Group> {
    return this.send("PUT", path`/groups/${id}`, options, changes);
  }

  /** Its contacts stay. */
  async delete(id: string, options?: RequestOptions): Promise<Deleted> {
    return this.send("DELETE", path`/groups/${id}`, options);
  }

  /** Up to 1000. In a dynamic group, its active campaigns enrol them. */
  async addContacts(id: string, contactIds: ListOf<"contactIds">, options?: RequestOptions): Promise<AddResult> {
    return this.send("POST", path`/groups/${id}/contacts`, options, named("contactIds", contactIds));
  }

  async removeContacts(id: string, contactIds: ListOf<"contactIds">, options?: RequestOptions): Promise<RemoveResult> {
    return this.send("DELETE", path`/groups/${id}/contacts`, options, named("contactIds", contactIds));
  }

  listContacts(id: string, params?: ListParams<ContactSort>, options?: ListOptions): ListRequest<Contact> {
    return this.pages(path`/groups/${id}/contacts`, params, options);
  }
}
