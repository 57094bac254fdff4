"""Addresses of the teacher's pages of a class: the wall, its actions, and the printable sheet."""

from django.urls import path

from wheel.pages import class_sheet
from wheel.pages.wall import actions, views

urlpatterns = [
    path("sheet", class_sheet.show_sheet, name="class-sheet"),
    path("wall", views.show_wall, name="wall"),
    path("freeze", actions.freeze, name="freeze-class"),
    path("resume", actions.resume, name="resume-class"),
    path("end", actions.end, name="end-class"),
    path("reset", actions.reset, name="reset-class"),
    path("prompt", actions.set_prompt, name="prompt-class"),
    path("spin", actions.spin, name="spin-class"),
    path("guesses", actions.show_guesses, name="class-guesses"),
    path("virtual", actions.add_virtual, name="virtual-members"),
    path("names", actions.set_names, name="class-names"),
    path("hide", actions.hide, name="hide-story"),
    path("hold", actions.hold, name="hold-stories"),
    path("release", actions.release, name="release-stories"),
]
