"""A person who was several contacts is erased as all of them; a change that is undone heeds what was merged."""

from typing import Any

from contacts.changes import bulk_changes, merging, undoing
from contacts.changes.contacts import Rules, save_many
from contacts.changes.erasure import erase
from contacts.changes.saved_views import create_view
from contacts.cleaning import clean
from contacts.models import Contact, EarlierValues, Merge, SavedView, Suppression
from contacts.models.suppression import address_digest
from fluenzr_site.workspaces.models import Workspace
from tests.contacts.changes.test_merging import BY, make, merge  # noqa: F401
from tests.contacts.changes.undoing import Outcome, done, undone


def erased(workspace: Workspace) -> set[str]:
    return set(Suppression.objects.of(workspace).filter(reason="erased").values_list("digest", flat=True))


def test_all_addresses_of_a_person_are_erased(workspace: Workspace, make: Any):  # noqa: F811
    """Ann takes Bob's address; Carl was merged into Bob before."""
    ann, bob, carl = make("ann@x.co"), make("bob@x.co"), make("carl@x.co")
    merge(bob, carl)
    merge(ann, bob, email=bob.pk)
    erase(workspace, ann.pk, by=BY)
    emails = ("ann@x.co", "bob@x.co", "carl@x.co")
    assert erased(workspace) == {address_digest(email) for email in emails}
    drafts = [clean({"email": email}, needs_email=True) for email in emails]
    results = save_many(workspace, drafts, rules=Rules(heeds_erasure=True), by=BY)
    assert [result.kind for result in results] == ["failed"] * 3


def test_earlier_values_of_the_merged_are_erased(workspace: Workspace, make: Any):  # noqa: F811
    ann, bob = make("ann@x.co"), make("bob@x.co", company="Zebulon")
    done(workspace, values={"company": "Acme"})
    merge(ann, bob)
    erase(workspace, ann.pk, by=BY)
    assert not EarlierValues.objects.filter(contact_id=bob.pk).exists()


def test_what_was_merged_goes_with_its_address(workspace: Workspace, make: Any):  # noqa: F811
    """Somebody came back under the merged address and is erased: undoing the merge would bring it back."""
    made = merge(make("ann@x.co"), make("bob@x.co", "unsubscribed", firstName="Zebulon"))
    assert Suppression.objects.get().reason == "merged"
    erase(workspace, make("bob@x.co").pk, by=BY)
    assert erased(workspace) == {address_digest("bob@x.co")}
    assert not Merge.objects.filter(pk=made.pk).exists()


def test_views_that_look_for_somebody_are_erased(workspace: Workspace, stranger: Any, make: Any, admin_user: Any):  # noqa: F811
    ann = make("ann+1@x.co")
    create_view(workspace, admin_user, "her", {"query": "q=Ann%2B1%40x.co"})
    create_view(workspace, admin_user, "ann+1@x.co", {"query": ""})
    create_view(workspace, admin_user, "all", {"query": "q=x.co"})
    create_view(stranger.workspace, admin_user, "her", {"query": "q=ann%2B1%40x.co"})
    erase(workspace, ann.pk, by=BY)
    assert set(SavedView.objects.values_list("workspace", "name")) == {
        (workspace.pk, "all"),
        (stranger.workspace.pk, "her"),
    }


def test_undoing_a_change_heeds_whoever_was_merged_since(workspace: Workspace, make: Any):  # noqa: F811
    """Ann was blocked, then became one with Bob, who had unsubscribed: unblocking her would write to him."""
    ann, bob = make("ann@x.co"), make("bob@x.co", "unsubscribed")
    every = Contact.objects.filter(pk=ann.pk)
    change = bulk_changes.start(
        every, undoing.EDIT, "test", workspace=workspace, by=BY, claimed=True, what={"status": "blocked"}
    )
    bulk_changes.work(change)
    merged = merge(ann, bob)
    assert undone(change) == {ann.pk: Outcome.CHANGED}
    ann.refresh_from_db()
    assert ann.status == "blocked"
    merging.undo(workspace, merged.pk, by=BY)
