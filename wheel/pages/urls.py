"""The addresses of the pages. Whatever is not a session's id is told as a session not found."""

from django.urls import path

from wheel.pages import join, views
from wheel.pages.exports import views as exports

urlpatterns = [
    path("", views.start, name="start"),
    path("join", join.join, name="join"),
    path("wheel/<str:session_id>", views.show_wheel, name="wheel"),
    path("wheel/<str:session_id>/spin", views.spin, name="spin"),
    path("wheel/<str:session_id>/choose", views.choose, name="choose"),
    path("wheel/<str:session_id>/undo", views.undo, name="undo"),
    path("wheel/<str:session_id>/redo", views.redo, name="redo"),
    path("wheel/<str:session_id>/rewind", views.rewind, name="rewind"),
    path("wheel/<str:session_id>/find", views.find, name="find"),
    path("wheel/<str:session_id>/delete", views.delete, name="delete"),
    path("wheel/<str:session_id>/prompt", views.set_prompt, name="set-prompt"),
    path("wheel/<str:session_id>/export.json", exports.export_json, name="export-json"),
    path("wheel/<str:session_id>/export.csv", exports.export_csv, name="export-csv"),
    path("wheel/<str:session_id>/wheel.svg", exports.export_svg, name="export-svg"),
]
