"""The client's address: taken from the headers of trusted proxies, and of no other peer."""

import pytest

from tokenwheel.middleware.client_address import apply_forwarded_headers, trusted_proxies

TRUSTED = trusted_proxies(["10.0.0.0/8", "2001:db8::1"])


def client_of(peer, forwarded=None, proxies=TRUSTED, **headers):
    meta = {"REMOTE_ADDR": peer, **headers}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    apply_forwarded_headers(meta, proxies)
    return meta["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),  # the peer is not trusted
        ("10.0.0.7", None, "10.0.0.7"),
        ("10.0.0.7", "192.0.2.1", "192.0.2.1"),
        (
            "10.0.0.7",
            "198.51.100.9, 192.0.2.1",
            "192.0.2.1",
        ),  # the client may have sent the left one
        ("10.0.0.7", "192.0.2.1, 10.9.9.9", "192.0.2.1"),  # two trusted proxies
        ("10.0.0.7", "10.1.1.1, 10.9.9.9", "10.1.1.1"),  # a client in the proxies' network
        ("10.0.0.7", "192.0.2.1:4711", "192.0.2.1"),
        ("10.0.0.7", "[2001:db8::9]:4711", "2001:db8::9"),
        ("10.0.0.7", "::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8::1", "192.0.2.1", "192.0.2.1"),
        ("::ffff:10.0.0.7", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.7", "192.0.2.1, unknown", "10.0.0.7"),
        ("10.0.0.7", "", "10.0.0.7"),
        ("10.0.0.7", ",,;<script>", "10.0.0.7"),
        ("", "192.0.2.1", ""),
    ],
)
def test_the_client_is_the_last_address_that_is_not_a_trusted_proxy(peer, forwarded, client):
    assert client_of(peer, forwarded) == client


def test_the_word_unix_trusts_the_peers_of_a_unix_socket():
    assert client_of("", "192.0.2.1", proxies=trusted_proxies(["unix"])) == "192.0.2.1"


CLAIMS = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_FORWARDED": "for=198.51.100.9",
    "HTTP_X_REQUEST_ID": "chosen",
    "HTTP_X_REAL_IP": "198.51.100.9",
}


def test_forwarded_headers_of_any_other_peer_are_removed():
    meta = {"REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "wheel.example", **CLAIMS}
    apply_forwarded_headers(meta, TRUSTED)
    assert meta == {"REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "wheel.example"}


def test_forwarded_headers_of_a_trusted_proxy_are_kept():
    meta = {"REMOTE_ADDR": "10.0.0.7", **CLAIMS}
    apply_forwarded_headers(meta, TRUSTED)
    assert meta == {**CLAIMS, "REMOTE_ADDR": "198.51.100.9"}


def test_the_client_address_is_set_before_any_other_middleware_runs(settings):
    assert settings.MIDDLEWARE[0] == "tokenwheel.middleware.client_address.set_remote_addr"
