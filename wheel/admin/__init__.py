"""The teachers' part of Django's admin: classes and live sessions."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from wheel.admin.classrooms import ClassroomAdmin
from wheel.admin.sessions import SessionIndexEntryAdmin

__all__ = ["ClassroomAdmin", "SessionIndexEntryAdmin"]

admin.site.site_header = _("Token Wheel")
admin.site.site_title = _("Token Wheel")
admin.site.index_title = _("For teachers")
