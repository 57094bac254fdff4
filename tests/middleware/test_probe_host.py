"""Probes are answered whatever the Host header says; no other endpoint is."""

import pytest

HOSTS = ["10.1.2.3", "10.1.2.3:8000", "[2001:db8::1]", "evil.example", "", "a b", "[::", "é", "a,b"]


@pytest.mark.parametrize("host", HOSTS)
@pytest.mark.parametrize("path", ["/health", "/ready", "/metrics"])
def test_a_probe_is_answered_for_any_host(api, engine, settings, path, host):
    engine.start()
    settings.WHEEL_METRICS = True
    answer = api.get(path, headers={"Host": host})
    assert answer.status_code == 200
    assert not host or f'"{host}"' not in answer.content.decode()


@pytest.mark.parametrize("path", ["/health", "/ready"])
def test_a_probe_without_https_is_not_redirected_for_any_host(api, engine, settings, path):
    engine.start()
    settings.SECURE_SSL_REDIRECT = True
    assert api.get(path, headers={"Host": "10.1.2.3"}).status_code == 200


@pytest.mark.parametrize("host", [host for host in HOSTS if host])
@pytest.mark.parametrize("path", ["/", "/api/models", "/api/schema", "/healthy", "/health/x"])
def test_every_other_path_refuses_a_foreign_host(api, path, host):
    assert api.get(path, headers={"Host": host}).status_code == 400
