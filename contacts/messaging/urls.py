"""The paths of contacts in the messaging dialect, below /v1/."""

from django.urls import path

from contacts.messaging import views

urlpatterns = [
    path("contacts", views.ContactList.as_view()),
    path("contacts/<str:contact_id>", views.ContactDetail.as_view()),
    path("contacts/<str:contact_id>/tags/add", views.AddTags.as_view()),
    path("contacts/<str:contact_id>/tags/remove", views.RemoveTags.as_view()),
]
