"""The paths of campaigns in the FluenzR dialect, below /v1/."""

from django.urls import path

from campaigns.api import account_views

urlpatterns = [
    path("email-accounts", account_views.EmailAccountList.as_view()),
]
