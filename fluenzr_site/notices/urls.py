"""The paths that notices lead to: short, since they stand in every one."""

from django.urls import path

from fluenzr_site.notices import views

app_name = "notices"
urlpatterns = [
    path("n/no/<str:membership_id>/<str:kind>/<str:signature>", views.stop, name="stop"),
    path("n/to/<str:workspace_id>/<str:signature>/<path:page>", views.open_page, name="open"),
]
