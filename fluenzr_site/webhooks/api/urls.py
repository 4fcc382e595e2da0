"""The paths of webhooks in the FluenzR dialect, below /v1/."""

from django.urls import path

from fluenzr_site.webhooks.api import delivery_views, views

urlpatterns = [
    path("webhooks", views.WebhookList.as_view()),
    path("webhooks/<str:webhook_id>", views.WebhookDetail.as_view()),
    path("webhooks/<str:webhook_id>/rotate-secret", views.RotateSecret.as_view()),
    path("webhooks/<str:webhook_id>/test", delivery_views.TestWebhook.as_view()),
    path("webhooks/<str:webhook_id>/logs", delivery_views.WebhookLogs.as_view()),
    path("webhooks/<str:webhook_id>/logs/<str:log_id>/retry", delivery_views.RetryDelivery.as_view()),
    path("webhooks/<str:webhook_id>/replay", delivery_views.Replay.as_view()),
]
