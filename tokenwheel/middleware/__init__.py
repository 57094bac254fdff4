"""Middleware that every request passes, in the order of `settings.MIDDLEWARE`."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

GetResponse = Callable[[HttpRequest], HttpResponseBase]
