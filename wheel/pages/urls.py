"""Addresses of the pages. A malformed session id is answered like the id of a missing session."""

from django.urls import include, path

from wheel.pages import (
    actions,
    following,
    join,
    knob_steps,
    prompt_figures,
    recent_actions,
    views,
)
from wheel.pages.branches.views import show_branches
from wheel.pages.exports import views as exports
from wheel.pages.language import LanguageView
from wheel.pages.lessons import views as lessons
from wheel.pages.text_size import TextSizeView

urlpatterns = [
    path("", views.start, name="start"),
    path("join", join.join, name="join"),
    path("text-size", TextSizeView.as_view(), name="text-size"),
    path("language", LanguageView.as_view(), name="language"),
    path("recent/clear", recent_actions.clear, name="clear-recent"),
    path("recent/remove", recent_actions.remove, name="remove-recent"),
    path("wheel/<str:session_id>", views.show_wheel, name="wheel"),
    path("wheel/<str:session_id>/spin", actions.SpinView.as_view(), name="spin"),
    path("wheel/<str:session_id>/choose", actions.ChooseView.as_view(), name="choose"),
    path("wheel/<str:session_id>/undo", actions.UndoView.as_view(), name="undo"),
    path("wheel/<str:session_id>/redo", actions.RedoView.as_view(), name="redo"),
    path("wheel/<str:session_id>/rewind", actions.RewindView.as_view(), name="rewind"),
    path("wheel/<str:session_id>/branches", show_branches, name="branches"),
    path(
        "wheel/<str:session_id>/branches/restore",
        actions.RestoreBranchView.as_view(),
        name="restore-branch",
    ),
    path("wheel/<str:session_id>/find", actions.FindView.as_view(), name="find"),
    path("wheel/<str:session_id>/delete", actions.DeleteView.as_view(), name="delete"),
    path("wheel/<str:session_id>/prompt", actions.SetPromptView.as_view(), name="set-prompt"),
    path("wheel/<str:session_id>/knob-steps", knob_steps.show_knob_steps, name="knob-steps"),
    path(
        "wheel/<str:session_id>/prompt-figures",
        prompt_figures.show_prompt_figures,
        name="prompt-figures",
    ),
    path("wheel/<str:session_id>/class", following.show_class_state, name="class-state"),
    path("wheel/<str:session_id>/landing", following.show_landing, name="landing"),
    path("lessons", lessons.show_lessons, name="lessons"),
    path("lessons/", include("wheel.pages.lessons.urls")),
    path("classrooms/<int:classroom_id>/", include("wheel.pages.wall.urls")),
    path("wheel/<str:session_id>/export.json", exports.export_json, name="export-json"),
    path("wheel/<str:session_id>/export.csv", exports.export_csv, name="export-csv"),
    path("wheel/<str:session_id>/wheel.svg", exports.export_svg, name="export-svg"),
]
