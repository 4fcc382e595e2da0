"""The paths that e-mails lead to: short, since they stand in every one."""

from django.urls import path

from campaigns.tracking import views

urlpatterns = [
    path("o/<str:token>.gif", views.pixel, name="open"),
    path("c/<str:token>", views.click, name="click"),
    path("u/<str:token>", views.unsubscribe, name="unsubscribe"),
]
