import type { ClientOptions } from "./options.js";
import { Campaigns } from "./resources/campaigns.js";
import { Contacts } from "./resources/contacts.js";
import { Groups } from "./resources/groups.js";
import { ReadOnlyList } from "./resources/lists.js";
import { Webhooks } from "./resources/webhooks.js";
import { Transport } from "./transport.js";
import type { CustomField, EmailAccount, Location, PipelineStage, Tag } from "./types/lists.js";

/** The FluenzR API. The key stays inside: printing or serialising a client never shows it. */
export class FluenzrClient {
  readonly contacts: Contacts;
  readonly groups: Groups;
  readonly campaigns: Campaigns;
  readonly webhooks: Webhooks;
  readonly tags: ReadOnlyList<Tag>;
  readonly pipelineStages: ReadOnlyList<PipelineStage>;
  readonly customFields: ReadOnlyList<CustomField>;
  readonly emailAccounts: ReadOnlyList<EmailAccount>;
  readonly locations: ReadOnlyList<Location>;

  /** Throws FluenzrError where an option is unusable or no key is found. */
  constructor(options: ClientOptions = {}) {
    const transport = new Transport(options);
    this.contacts = new Contacts(transport);
    this.groups = new Groups(transport);
    this.campaigns = new Campaigns(transport);
    this.webhooks = new Webhooks(transport);
    this.tags = new ReadOnlyList(transport, "/tags");
    this.pipelineStages = new ReadOnlyList(transport, "/pipeline-stages");
    this.customFields = new ReadOnlyList(transport, "/custom-fields");
    this.emailAccounts = new ReadOnlyList(transport, "/email-accounts");
    this.locations = new ReadOnlyList(transport, "/locations");
  }
}
