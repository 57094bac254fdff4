"""Who the client is: what a proxy of ours says, and nobody else."""

import pytest

from tokenwheel.middleware.client_address import settle_client, trusted_proxies

OURS = trusted_proxies(["10.0.0.0/8", "2001:db8::1"])


def client_of(peer, forwarded=None, proxies=OURS, **headers):
    meta = {"REMOTE_ADDR": peer, **headers}
    if forwarded is not None:
        meta["HTTP_X_FORWARDED_FOR"] = forwarded
    settle_client(meta, proxies)
    return meta["REMOTE_ADDR"]


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", None, "192.0.2.1"),
        ("192.0.2.1", "198.51.100.9", "192.0.2.1"),  # says who is no proxy of ours
        ("10.0.0.7", None, "10.0.0.7"),
        ("10.0.0.7", "192.0.2.1", "192.0.2.1"),
        ("10.0.0.7", "198.51.100.9, 192.0.2.1", "192.0.2.1"),  # the left one is the client's claim
        ("10.0.0.7", "192.0.2.1, 10.9.9.9", "192.0.2.1"),  # two proxies of ours
        ("10.0.0.7", "10.1.1.1, 10.9.9.9", "10.1.1.1"),  # somebody inside
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
def test_the_client_is_the_first_that_is_no_proxy_of_ours(peer, forwarded, client):
    assert client_of(peer, forwarded) == client


def test_a_socket_is_trusted_by_its_name():
    assert client_of("", "192.0.2.1", proxies=trusted_proxies(["unix"])) == "192.0.2.1"


CLAIMS = {
    "HTTP_X_FORWARDED_FOR": "198.51.100.9",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "evil.example",
    "HTTP_FORWARDED": "for=198.51.100.9",
    "HTTP_X_REQUEST_ID": "chosen",
    "HTTP_X_REAL_IP": "198.51.100.9",
}


def test_what_anybody_else_claims_is_thrown_away():
    meta = {"REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "wheel.example", **CLAIMS}
    settle_client(meta, OURS)
    assert meta == {"REMOTE_ADDR": "192.0.2.1", "HTTP_HOST": "wheel.example"}


def test_what_a_proxy_says_stays():
    meta = {"REMOTE_ADDR": "10.0.0.7", **CLAIMS}
    settle_client(meta, OURS)
    assert meta == {**CLAIMS, "REMOTE_ADDR": "198.51.100.9"}


def test_the_middleware_comes_before_all_that_could_believe_a_header(settings):
    assert settings.MIDDLEWARE[0] == "tokenwheel.middleware.client_address.set_remote_addr"
