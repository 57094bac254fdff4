"""Addresses of the lessons, below /lessons/."""

from wheel.pages.lessons.course import COURSE

urlpatterns = [url for page in COURSE for url in page.urls()]
