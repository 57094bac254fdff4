"""The live server of browser tests has database connections of its own, as a real server has."""

import pytest
import requests
from django.db import transaction

from tests.pages.classes import make_classroom
from tests.waiting import HANGING_S
from wheel.models import Classroom


@pytest.mark.django_db(transaction=True)
def test_a_live_server_does_not_take_part_in_a_transaction_of_the_test(live_server, wheel_runtime):
    classroom = make_classroom()
    url = f"{live_server.url}/api/classrooms/{classroom.code}"
    with transaction.atomic():
        Classroom.objects.update(title="Not committed yet")
        title = requests.get(url, timeout=HANGING_S).json()["title"]
    assert title == classroom.title
    assert requests.get(url, timeout=HANGING_S).json()["title"] == "Not committed yet"
