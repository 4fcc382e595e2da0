"""The paths of campaigns in the FluenzR dialect, below /v1/."""

from django.urls import path

from campaigns.api import account_views, campaign_views, enrolment_views, stats_views

urlpatterns = [
    path("email-accounts", account_views.EmailAccountList.as_view()),
    path("campaigns", campaign_views.CampaignList.as_view()),
    path("campaigns/<str:campaign_id>", campaign_views.CampaignDetail.as_view()),
    path("campaigns/<str:campaign_id>/start", campaign_views.StartCampaign.as_view()),
    path("campaigns/<str:campaign_id>/pause", campaign_views.PauseCampaign.as_view()),
    path("campaigns/<str:campaign_id>/resume", campaign_views.ResumeCampaign.as_view()),
    path("campaigns/<str:campaign_id>/archive", campaign_views.ArchiveCampaign.as_view()),
    path("campaigns/<str:campaign_id>/contacts", enrolment_views.CampaignContacts.as_view()),
    path("campaigns/<str:campaign_id>/stats", stats_views.CampaignStatsView.as_view()),
    path("campaigns/<str:campaign_id>/stats/emails", stats_views.EmailStatsView.as_view()),
    path("campaigns/<str:campaign_id>/stats/timeline", stats_views.TimelineView.as_view()),
    path("campaigns/<str:campaign_id>/activity", stats_views.ActivityView.as_view()),
    path("campaigns/<str:campaign_id>/why", stats_views.WhyView.as_view()),
]
