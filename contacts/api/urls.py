"""The paths of contacts in the FluenzR dialect, below /v1/."""

from django.urls import path

from contacts.api import contact_views, group_views, list_views

urlpatterns = [
    path("contacts", contact_views.ContactList.as_view()),
    path("contacts/bulk", contact_views.ContactBulk.as_view()),
    path("contacts/search", contact_views.ContactSearch.as_view()),
    path("contacts/<str:contact_id>", contact_views.ContactDetail.as_view()),
    path("contacts/<str:contact_id>/groups", contact_views.ContactGroups.as_view()),
    path("contacts/<str:contact_id>/tags", contact_views.ContactTags.as_view()),
    path("groups", group_views.GroupList.as_view()),
    path("groups/<str:group_id>", group_views.GroupDetail.as_view()),
    path("groups/<str:group_id>/contacts", group_views.GroupContacts.as_view()),
    path("tags", list_views.TagList.as_view()),
    path("pipeline-stages", list_views.StageList.as_view()),
    path("custom-fields", list_views.CustomFieldList.as_view()),
    path("locations", list_views.LocationList.as_view()),
]
