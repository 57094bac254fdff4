"""The actions of a teacher on a class."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from django.contrib.auth.models import AnonymousUser, Permission, User
from django.core.cache import caches  # noqa: TID251 - the tests' store

from tests.api.fakes import store_down
from tests.clock import Clock
from tests.services.classrooms.conftest import session_of, text_of
from tests.sessions.backends import run_at_once
from wheel import runtime, services
from wheel.clock import utc_now
from wheel.domain.wheel_settings import WheelSettings
from wheel.errors import (
    ClassroomNotFoundError,
    InvalidInputError,
    PromptTooLongError,
    SessionNotFoundError,
    StoreUnavailableError,
)
from wheel.models import Classroom, ClassState, HeldStory, Member, SessionIndexEntry
from wheel.services import classrooms
from wheel.sessions import index as session_index
from wheel.sessions.store import SessionStore


@pytest.fixture
def members(join):
    """The ids of three sessions with one, two and three tokens after the prompt."""
    session_ids = [join() for _ in range(3)]
    for num_spins, session_id in enumerate(session_ids, start=1):
        for _ in range(num_spins):
            services.spin(session_id=session_id)
    return session_ids


@pytest.mark.parametrize("state", ClassState)
def test_a_reset_brings_every_member_back_to_the_prompt(classroom, members, state):
    services.set_prompt(session_id=members[0], prompt="My own")
    services.next_wheel(session_id=members[1], settings=WheelSettings(temperature=2.0))
    classrooms.set_state(classroom, state)
    assert classrooms.reset_all(classroom) == 3
    for session_id in members:
        session = session_of(session_id)
        assert text_of(session_id) == classroom.prompt
        assert (session.history, session.undone, session.num_draws) == ((), (), 0)
        assert session.settings == WheelSettings()


def test_a_reset_without_a_prompt_leaves_no_text(classroom, members):
    Classroom.objects.update(prompt="")
    classroom.refresh_from_db()
    classrooms.reset_all(classroom)
    assert {text_of(session_id) for session_id in members} == {""}


def test_a_new_prompt_is_that_of_every_member_and_of_those_who_join_later(classroom, members, join):
    classrooms.set_prompt_for_all(classroom, "The dog")
    assert {text_of(session_id) for session_id in (*members, join())} == {"The dog"}


def test_a_prompt_that_is_too_long_changes_nothing(classroom, members):
    before = [session_of(session_id).version for session_id in members]
    with pytest.raises(PromptTooLongError):
        classrooms.set_prompt_for_all(classroom, "x" * 4001)
    assert [session_of(session_id).version for session_id in members] == before
    assert Classroom.objects.get().prompt == classroom.prompt


def test_a_member_who_spins_during_a_reset_is_reset_too(classroom, members, monkeypatch):
    stories = classrooms.load_stories(classroom)
    for session_id in members:
        services.spin(session_id=session_id)
    monkeypatch.setattr(
        "wheel.services.classrooms.teaching.load_stories", lambda _classroom: stories
    )
    classrooms.reset_all(classroom)
    assert {text_of(session_id) for session_id in members} == {classroom.prompt}


def test_virtual_members_are_added_up_to_thirty(classroom):
    classrooms.add_virtual_members(classroom, 29)
    with pytest.raises(InvalidInputError, match="there are 29"):
        classrooms.add_virtual_members(classroom, 2)
    with pytest.raises(InvalidInputError):
        classrooms.add_virtual_members(classroom, 0)
    classrooms.add_virtual_members(classroom, 1)
    assert classroom.members.filter(is_virtual=True).count() == 30
    assert {story.state.current_text for story in classrooms.load_stories(classroom)} == {
        classroom.prompt
    }


def test_held_stories_stay_as_they_were(classroom, members):
    before = [text_of(session_id) for session_id in members]
    ids = [member.pk for member in classroom.members.all()]
    assert classrooms.hold_stories(classroom, ids) == 3
    for session_id in members:
        services.spin(session_id=session_id)
    held = classrooms.load_held_stories(classroom)
    assert [copy.state.current_text for copy in held] == before
    assert [copy.held.pseudonym for copy in held] == [str(m) for m in classroom.members.all()]
    classrooms.hold_stories(classroom, ids[:1])
    assert len(classrooms.load_held_stories(classroom)) == 1
    classrooms.release_stories(classroom)
    assert classrooms.load_held_stories(classroom) == []
    for copy in held:
        with pytest.raises(SessionNotFoundError):
            session_of(copy.state.session.session_id)


def hold_first(classroom):
    """Hold the story of the first member; returns the id of the copy."""
    classrooms.hold_stories(classroom, [classroom.members.all()[0].pk])
    return str(HeldStory.objects.get().session_id)


def assert_no_copy(held_id):
    assert not HeldStory.objects.exists()
    assert services.find_sessions(session_ids=[held_id]) == []


def test_a_held_copy_is_deleted_with_the_text_of_its_member(classroom, members):
    held_id = hold_first(classroom)
    services.delete_session(session_id=members[1])
    assert len(classrooms.load_held_stories(classroom)) == 1
    services.delete_session(session_id=members[0])
    assert_no_copy(held_id)


def test_a_held_copy_goes_when_the_session_of_its_member_has_ended(classroom, members):
    held_id = hold_first(classroom)
    before = Classroom.objects.get().version
    runtime.current().store.delete_many(members[:1])
    services.refresh_session_index()
    assert_no_copy(held_id)
    assert classroom.members.count() == 2
    assert Classroom.objects.get().version > before


def test_a_copy_that_the_store_could_not_delete_goes_with_the_next_pruning(classroom, members):
    held_id = hold_first(classroom)
    store = runtime.current().store
    store.delete_many(members[:1])
    with store_down():
        services.forget_session(session_id=members[0])
    assert HeldStory.objects.exists()
    services.refresh_session_index()
    assert_no_copy(held_id)


def after_loading(monkeypatch, interruption):
    """Call `interruption` after the stories to be held were loaded."""

    def load_stories(classroom):
        stories = classrooms.load_stories(classroom)
        interruption()
        return stories

    monkeypatch.setattr("wheel.services.classrooms.teaching.load_stories", load_stories)


def test_stories_of_a_class_that_is_deleted_meanwhile_are_not_held(classroom, members, monkeypatch):
    ids = member_ids(classroom)
    after_loading(monkeypatch, lambda: classrooms.delete_classroom(Classroom.objects.get()))
    with pytest.raises(ClassroomNotFoundError):
        classrooms.hold_stories(classroom, ids)
    assert not HeldStory.objects.exists()


def test_a_member_who_leaves_meanwhile_is_not_held(classroom, members, monkeypatch):
    after_loading(monkeypatch, lambda: services.delete_session(session_id=members[0]))
    assert classrooms.hold_stories(classroom, member_ids(classroom)) == 2
    assert len(classrooms.load_held_stories(classroom)) == 2


class FillingStore(SessionStore):
    """A store that refuses new sessions after the first, and knows the ids it was given."""

    def __init__(self, *args, **options):
        super().__init__(*args, **options)
        self.given_ids = []

    def create(self, session):
        self.given_ids.append(session.session_id)
        if len(self.given_ids) > 1:
            raise StoreUnavailableError
        return super().create(session)


def test_copies_of_which_the_store_refuses_one_are_not_held(classroom, members, wheel_runtime):
    store = FillingStore(caches["default"], ttl=timedelta(hours=1))
    with runtime.use(replace(wheel_runtime, store=store)):
        with pytest.raises(StoreUnavailableError):
            classrooms.hold_stories(classroom, member_ids(classroom))
        assert len(store.given_ids) == 2
        assert services.find_sessions(session_ids=store.given_ids) == []
    assert not HeldStory.objects.exists()


@pytest.mark.parametrize("days", [1, 30])
def test_held_copies_are_kept_as_long_as_their_class(classroom, members, days):
    held_id = hold_first(classroom)
    expires_at = utc_now() + timedelta(days=days)
    classrooms.set_expiry(classroom, expires_at)
    assert {session_of(i).kept_until for i in (held_id, *members)} == {expires_at}


def test_simultaneous_holds_leave_one_snapshot(shared_runtime):
    classroom = Classroom.objects.create(title="4b", prompt="The cat")
    for _ in range(6):
        classrooms.add_member(classroom)
    ids = member_ids(classroom)
    run_at_once([partial(classrooms.hold_stories, classroom, ids)] * 3)
    assert classroom.held_stories.count() == 6
    assert len(classrooms.load_held_stories(classroom)) == 6


def member_ids(classroom):
    return list(classroom.members.values_list("pk", flat=True))


def test_one_to_six_stories_are_held(classroom, join):
    for _ in range(7):
        join()
    ids = list(classroom.members.values_list("pk", flat=True))
    for chosen in ([], ids, [ids[-1] + 1]):
        with pytest.raises(InvalidInputError, match="1 to 6"):
            classrooms.hold_stories(classroom, chosen)
    assert classrooms.hold_stories(classroom, ids[:6]) == 6


def test_a_story_of_another_class_is_neither_held_nor_hidden(classroom, members):
    other = Classroom.objects.create(title="5a")
    theirs = classroom.members.get(session_id=members[0])
    with pytest.raises(InvalidInputError):
        classrooms.hold_stories(other, [theirs.pk])
    classrooms.set_story_hidden(other, theirs.pk, is_hidden=True)
    assert not Member.objects.filter(is_hidden=True).exists()
    classrooms.set_story_hidden(classroom, theirs.pk, is_hidden=True)
    assert Member.objects.get(is_hidden=True) == theirs


def test_deleting_a_class_deletes_everything_of_it(classroom, members):
    classrooms.hold_stories(classroom, [classroom.members.all()[0].pk])
    held_id = str(HeldStory.objects.get().session_id)
    own = services.start_session().session_id
    with store_down(), pytest.raises(StoreUnavailableError):
        classrooms.delete_classroom(classroom)
    assert classroom.members.count() == 3
    classrooms.delete_classroom(classroom)
    for session_id in (*members, held_id):
        with pytest.raises(SessionNotFoundError):
            session_of(session_id)
    assert not any(model.objects.exists() for model in (Classroom, Member, HeldStory))
    assert str(SessionIndexEntry.objects.get().pk) == own


def test_members_are_kept_while_their_class_lives_and_go_with_it(classroom, wheel_runtime):
    clock = Clock(utc_now())
    store = SessionStore(caches["default"], ttl=timedelta(hours=1), now=clock)
    with runtime.use(replace(wheel_runtime, store=store)):
        members = {classrooms.join_classroom(code=classroom.code).session.session_id}
        own = services.start_session().session_id
        classrooms.set_expiry(classroom, clock() + timedelta(days=3))
        clock.advance(days=2)
        session_index.prune(store)
        assert len(classrooms.load_stories(classroom)) == 1
        assert {str(entry) for entry in SessionIndexEntry.objects.all()} == members
        with pytest.raises(SessionNotFoundError):
            session_of(own)
        clock.advance(days=1)
        session_index.prune(store)
        assert not Classroom.objects.exists()
        assert not SessionIndexEntry.objects.exists()
        with pytest.raises(SessionNotFoundError):
            session_of(members.pop())


def test_teachers_see_their_own_classes_and_superusers_all(classroom):
    teacher, colleague, former = (
        User.objects.create_user(name, is_staff=True) for name in ("ann", "bob", "eve")
    )
    for user in (teacher, colleague):
        user.user_permissions.add(Permission.objects.get(codename="view_classroom"))
    Classroom.objects.create(title="of a former teacher", owner=former)
    own = Classroom.objects.create(title="own", owner=teacher)
    assert list(classrooms.classrooms_of(teacher)) == [own]
    assert not classrooms.classrooms_of(colleague).exists()
    assert classrooms.classrooms_of(User.objects.create_superuser("root")).count() == 3
    for stranger in (former, User.objects.create_user("pupil"), AnonymousUser()):
        assert not classrooms.classrooms_of(stranger).exists()
    User.objects.filter(pk=teacher.pk).update(is_active=False)
    assert not classrooms.classrooms_of(User.objects.get(pk=teacher.pk)).exists()


def test_the_stories_of_a_class_take_one_query(classroom, members, django_assert_num_queries):
    with django_assert_num_queries(1):
        stories = classrooms.load_stories(classroom)
    assert [story.state.session.session_id for story in stories] == members
    assert [len(story.state.session.history) for story in stories] == [1, 2, 3]
