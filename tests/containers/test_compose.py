"""The Compose file: networks, volumes, and variables without a default."""

import re
import runpy

import pytest

from tests.containers.files import PROJECT, fill_in, read_compose
from tests.test_settings import documented_variables

GIVEN = {
    "SECRET_KEY": "only for this test, " * 3,
    "ALLOWED_HOSTS": "wheel.school.example",
    "TRUSTED_PROXIES": "172.16.0.1",
    "POSTGRES_PASSWORD": "given",
}


@pytest.fixture
def services():
    return read_compose()["services"]


def of_profile(services, profile):
    return {name for name, service in services.items() if profile in service["profiles"]}


def settings_of(service, values, tmp_path, monkeypatch):
    for name in documented_variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TOKENWHEEL_DATA_DIR", str(tmp_path))
    for name, value in service.get("environment", {}).items():
        monkeypatch.setenv(name, fill_in(value, values))
    return runpy.run_path(str(PROJECT / "tokenwheel" / "settings.py"))


def test_each_profile_starts_what_belongs_to_it_and_nothing_starts_without_one(services):
    assert of_profile(services, "alone") == {"alone"}
    assert of_profile(services, "school") == {"web", "redis", "postgres"}
    assert of_profile(services, "dev") == {"dev"}
    assert all(service["profiles"] for service in services.values())


def test_only_the_web_is_published_and_only_on_this_machine_unless_told_otherwise(services):
    for name in ("redis", "postgres"):
        assert "ports" not in services[name]
        assert services[name]["networks"] == ["stores"]
    assert read_compose()["networks"]["stores"]["internal"] is True
    for name in ("alone", "web", "dev"):
        assert [fill_in(port, {}) for port in services[name]["ports"]] == ["127.0.0.1:8000:8000"]


def test_no_secret_has_a_default():
    text = (PROJECT / "docker-compose.yml").read_text()
    defaults = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", text))
    assert {"SECRET_KEY", "POSTGRES_PASSWORD"} <= defaults.keys()
    for name, default in defaults.items():
        assert not (re.search("SECRET|PASSWORD|KEY", name) and default), name


def test_no_variable_is_demanded_since_compose_would_demand_it_in_every_profile():
    assert not re.search(r"\$\{\w+:?\?", (PROJECT / "docker-compose.yml").read_text())


def test_the_web_service_waits_until_its_stores_are_healthy(services):
    for name, how in services["web"]["depends_on"].items():
        assert how == {"condition": "service_healthy"}
        assert services[name]["healthcheck"]["test"]


def test_what_a_service_keeps_is_on_a_volume_that_is_declared(services):
    declared = read_compose()["volumes"].keys()
    for name, service in services.items():
        volumes = [volume.split(":")[0] for volume in service["volumes"]]
        assert any(volume in declared for volume in volumes), name
        assert all(volume in declared or volume == "." for volume in volumes), name


def test_a_full_redis_refuses_writes_instead_of_evicting_sessions(services):
    command = services["redis"]["command"]
    assert command[command.index("--maxmemory-policy") + 1] == "noeviction"


def test_the_serving_containers_can_write_only_to_their_volume(services):
    for name in ("alone", "web"):
        assert services[name]["read_only"] is True
        assert services[name]["cap_drop"] == ["ALL"]


def test_the_school_uses_both_of_its_stores(services, tmp_path, monkeypatch):
    settings = settings_of(services["web"], GIVEN, tmp_path, monkeypatch)
    database = settings["DATABASES"]["default"]
    assert database["ENGINE"].endswith("postgresql")
    assert database["HOST"] == "postgres"
    assert database["PASSWORD"] == "given"
    postgres = services["postgres"]["environment"]
    assert database["NAME"] == postgres["POSTGRES_DB"]
    assert database["USER"] == postgres["POSTGRES_USER"]
    assert fill_in(postgres["POSTGRES_PASSWORD"], GIVEN) == "given"
    assert settings["CACHES"]["default"]["LOCATION"] == "redis://redis:6379/0"
    assert settings["ALLOWED_HOSTS"][0] == "wheel.school.example"
    assert settings["SECURE_SSL_REDIRECT"]


def test_one_container_alone_needs_nothing_from_outside(services, tmp_path, monkeypatch):
    settings = settings_of(services["alone"], {}, tmp_path, monkeypatch)
    assert settings["DATABASES"]["default"]["ENGINE"] == "django.db.backends.sqlite3"
    assert (tmp_path / "secret_key").exists()


def test_every_variable_of_the_school_is_one_of_the_settings(services):
    text = (PROJECT / "tokenwheel" / "settings.py").read_text()
    for name in services["web"]["environment"]:
        assert f'"{name}"' in text, name
