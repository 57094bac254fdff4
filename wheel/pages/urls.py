"""The addresses of the pages. Whatever is not a session's id is told as a session not found."""

from django.urls import path

from wheel.pages import classes, views

urlpatterns = [
    path("", views.start, name="start"),
    path("join", classes.join, name="join"),
    path("wheel/<str:session_id>", views.show_wheel, name="wheel"),
    path("wheel/<str:session_id>/spin", views.spin, name="spin"),
    path("wheel/<str:session_id>/choose", views.choose, name="choose"),
    path("wheel/<str:session_id>/undo", views.undo, name="undo"),
    path("wheel/<str:session_id>/prompt", views.set_prompt, name="set-prompt"),
]
