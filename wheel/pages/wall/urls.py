"""Addresses of the wall and of its actions, below that of the class."""

from django.urls import path

from wheel.pages.wall import actions, views

urlpatterns = [
    path("wall", views.show_wall, name="wall"),
    path("freeze", actions.freeze, name="freeze-class"),
    path("resume", actions.resume, name="resume-class"),
    path("end", actions.end, name="end-class"),
    path("reset", actions.reset, name="reset-class"),
    path("prompt", actions.set_prompt, name="prompt-class"),
    path("spin", actions.spin, name="spin-class"),
    path("virtual", actions.add_virtual, name="virtual-members"),
    path("names", actions.set_names, name="class-names"),
    path("hide", actions.hide, name="hide-story"),
    path("hold", actions.hold, name="hold-stories"),
    path("release", actions.release, name="release-stories"),
]
