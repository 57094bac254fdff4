"""The lesson of a class, as a template tag."""

from django import template

from wheel.pages.lessons.course import find_lesson

register = template.Library()


@register.simple_tag
def lesson_in_class(key: str, session_id: str) -> str:
    """The address of the lesson with this key for a member with this session; empty without one
    that this server has."""
    page = find_lesson(key)
    return page.address_in_class(session_id) if page else ""
