"""Where webhooks may be sent: never to what lies behind the service, whatever an address or a name looks like."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.webhooks.addresses import Private, Resolve, Target, TargetRefused, look_up
from service.webhooks.client import ANSWER_BYTES, Client
from service.webhooks.schedule import Reply
from tests.test_service.receiving import receiving

NOWHERE = Private()

#: Hosts that stand for a private or special address, however they are written.
PRIVATE_HOSTS = [
    *("0.0.0.0", "127.0.0.1", "127.255.255.254", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254"),
    *("100.64.0.1", "192.0.0.8", "198.18.0.1", "192.88.99.1", "224.0.0.1", "240.0.0.1", "255.255.255.255"),
    *("[::]", "[::1]", "[fe80::1]", "[fe80::1%25eth0]", "[fc00::1]", "[fd00:ec2::254]", "[fec0::1]", "[ff02::1]"),
    *("[::ffff:127.0.0.1]", "[::ffff:a9fe:a9fe]", "[::127.0.0.1]", "[64:ff9b::7f00:1]", "[64:ff9b:1::7f00:1]"),
    *("[2002:7f00:1::]", "[2001:db8::1]", "[0:0:0:0:0:ffff:10.0.0.1]"),
    *("localhost", "LOCALHOST", "localhost.", "a.localhost", "127.0.0.1."),
]
#: Not in the form that addresses are written in; some C libraries make 127.0.0.1 of each.
ODD_HOSTS = [
    *("2130706433", "0x7f000001", "0x7f.1", "017700000001", "0177.0.0.1", "127.1", "127.0.1", "0", "1.2.3.4.5"),
    *("127.0.0.0x1", "256.1.1.1", "a.123", "a.0x1", ""),
]


@pytest.mark.parametrize("host", PRIVATE_HOSTS)
@pytest.mark.parametrize("scheme", ["https", "http"])
def test_private_addresses(scheme: str, host: str) -> None:
    """Are refused as soon as they are named."""
    with pytest.raises(TargetRefused):
        Target.of(f"{scheme}://{host}/hook", NOWHERE)


@pytest.mark.parametrize("host", ODD_HOSTS)
def test_odd_hosts(host: str) -> None:
    """Are no hosts, also where everything private is listed."""
    with pytest.raises(TargetRefused):
        Target.of(f"https://{host}/hook", Private.of("0.0.0.0/0"))


@pytest.mark.parametrize(
    "url",
    [
        *(
            "",
            "hooks.example",
            "//hooks.example/",
            "https:/hooks.example",
            "https:hooks.example",
            "ftp://hooks.example/",
        ),
        *("http://hooks.example/", "file:///etc/passwd", "gopher://hooks.example/", "HTTP://hooks.example/"),
        *("https://user:word@hooks.example/", "https://hooks.example@127.0.0.1/", "https://@hooks.example/"),
        *("https://hooks.example/#part", "https://hooks.example/#", "https://hooks.example:port/"),
        *("https://hooks.example:99999/", "https://hooks.example:-1/", "https://hooks example/"),
        *("https://hooks.example/a b", "https://hooks.example/\r\nHost: x", "https://hooks.example\\@127.0.0.1/"),
        *("https://hooks.exämple/", "https://①②⑦.⓪.⓪.①/", "https://127。0。0。1/", "https://[::1/", "https://[]/"),
        *("https://-hooks.example/", "https://hooks..example/", "https://%31%32%37.0.0.1/", f"https://{'a.' * 130}b/"),
        *("https://hooks.example\t/", "\thttps://hooks.example/", "https://hooks.example/\x00"),
    ],
)
def test_no_addresses(url: str) -> None:
    """What is no address of a webhook is refused with a reason, never with a crash."""
    with pytest.raises(TargetRefused, match=r"\w+ \w+"):
        Target.of(url, NOWHERE)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://hooks.example/a?b=c", Target("https", "hooks.example", 443)),
        ("https://Hooks.Example.:8443", Target("https", "hooks.example", 8443)),
        ("https://xn--hks-sna.example/", Target("https", "xn--hks-sna.example", 443)),
        ("https://1.1.1.1/", Target("https", "1.1.1.1", 443)),
        ("https://[2606:4700::1111]/", Target("https", "2606:4700::1111", 443)),
        ("https://127.example/", Target("https", "127.example", 443)),
    ],
)
def test_public_addresses(url: str, target: Target) -> None:
    """Are taken."""
    assert Target.of(url, NOWHERE) == target


def leads(*addresses: str) -> Resolve:
    """A name service in which every name leads there, and then elsewhere."""
    answers = [list(addresses), ["127.0.0.1"]]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    return resolve


def may_be_sent(url: str, listed: str, *addresses: str) -> bool:
    """Whether something is, where the name leads to these addresses."""
    private = Private.of(listed)
    try:
        target = Target.of(url, private)
        asyncio.run(target.addresses(private, leads(*addresses)))
    except TargetRefused:
        return False
    return True


@pytest.mark.parametrize("host", [host for host in PRIVATE_HOSTS if host[-1].isdigit() or host[0] == "["])
def test_names_that_lead_to_private_addresses(host: str) -> None:
    """Are refused when something is to be sent, also if another address of theirs is public."""
    address = host.strip("[]").replace("%25", "%")
    assert not may_be_sent("https://hooks.example/", "", address)
    assert not may_be_sent("https://hooks.example/", "", "1.1.1.1", address)
    assert may_be_sent("https://hooks.example/", "", "1.1.1.1", "2606:4700::1111")


@pytest.mark.parametrize(
    ("url", "listed", "address", "may_be"),
    [
        ("http://10.1.2.3/", "10.0.0.0/8", "10.1.2.3", True),
        ("https://10.1.2.3/", "10.0.0.0/8, other.example", "10.1.2.3", True),
        ("http://11.1.2.3/", "10.0.0.0/8", "11.1.2.3", False),
        ("http://[::ffff:10.1.2.3]/", "10.0.0.0/8", "::ffff:10.1.2.3", True),
        ("http://[fd00::1]/", "fd00::/8", "fd00::1", True),
        ("http://localhost/", "127.0.0.1", "127.0.0.1", True),
        ("http://localhost/", "localhost", "::1", True),
        ("http://hooks.internal/", "hooks.internal", "10.1.2.3", True),
        ("http://HOOKS.internal./", "Hooks.Internal", "10.1.2.3", True),
        ("http://hooks.internal/", "10.0.0.0/8", "10.1.2.3", True),
        ("http://hooks.internal/", "other.internal", "10.1.2.3", False),
        ("http://hooks.internal/", "hooks.internal", "169.254.169.254", False),
        ("http://hooks.internal/", "hooks.internal,169.254.169.254", "169.254.169.254", True),
        # Over the open net, whatever is listed, only under TLS.
        ("http://hooks.internal/", "hooks.internal", "1.1.1.1", False),
        ("http://1.1.1.1/", "1.1.1.1", "1.1.1.1", False),
        ("https://hooks.internal/", "hooks.internal", "1.1.1.1", True),
    ],
)
def test_what_is_listed(url: str, listed: str, address: str, may_be: bool) -> None:
    """May be sent to, by name or by network, and nothing beside it."""
    assert may_be_sent(url, listed, address) is may_be


def post(url: str, listed: str = "127.0.0.1", resolve: Resolve = look_up, **headers: str) -> Reply:
    """What comes of one attempt."""

    async def attempt() -> Reply:
        async with Client(url, Private.of(listed), resolve) as client:
            return await client.post(headers, '{"a": 1}')

    return asyncio.run(attempt())


def test_it_connects_to_the_address_that_was_checked() -> None:
    """A name is asked for once; that it leads elsewhere the next time changes nothing."""
    with receiving() as receiver:
        port = receiver.url.rpartition(":")[2]
        assert post(f"http://hooks.example:{port}", resolve=leads("127.0.0.1")) == Reply(204)
        (got,) = receiver.got
        assert got.headers["host"] == f"hooks.example:{port.partition('/')[0]}"
        assert got.path == "/hook"
        refused = post(f"http://hooks.example:{port}", "10.0.0.0/8", leads("127.0.0.1"))
        assert refused == Reply(error="refused_address")
        assert receiver.got == []


def test_certificates_are_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the system's list, against the name, whichever address it leads to."""
    certificate = Path(__file__).parent / "hooks.example.pem"
    with receiving(certificate) as receiver:
        port = receiver.url.rpartition(":")[2]
        known, other = f"https://hooks.example:{port}", f"https://hooks2.example:{port}"
        assert post(known, resolve=leads("127.0.0.1")) == Reply(error="tls")
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert post(other, resolve=leads("127.0.0.1")) == Reply(error="tls")
        assert receiver.got == []
        assert post(known, resolve=leads("127.0.0.1")) == Reply(204)
        assert len(receiver.got) == 1


def test_redirects_are_not_followed() -> None:
    """They are answers like any other, and no good ones."""
    with receiving() as receiver, receiving() as other:
        for status in (301, 302, 303, 307, 308):
            answer = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
            receiver.answers.append(answer.encode())
            assert post(receiver.url) == Reply(status)
        assert (len(receiver.got), other.got) == (5, [])


@pytest.mark.parametrize(
    ("answer", "reply"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n" + b"x" * (ANSWER_BYTES + 1), Reply(200)),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 10 * ANSWER_BYTES, Reply(200)),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nx", Reply(error="no_http")),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, Reply(error="no_http")),
        (b"hello\r\n", Reply(error="no_http")),
        (b"\x00" * 1_000, Reply(error="no_http")),
        (b"", Reply(error="no_http")),
        (b"HTTP/1.1 999 Odd\r\nContent-Length: 0\r\n\r\n", Reply(999)),
    ],
)
def test_odd_answers(answer: bytes, reply: Reply) -> None:
    """Whatever comes back, little of it is read, and it is an answer or none."""
    with receiving() as receiver:
        receiver.answers.append(answer)
        assert post(receiver.url) == reply


def test_a_receiver_that_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Is waited for so long and no longer."""
    monkeypatch.setattr("service.webhooks.client.SECONDS", 0.05)
    with receiving() as receiver:
        receiver.may_answer.clear()
        assert post(receiver.url) == Reply(error="timeout")


def test_nobody_there() -> None:
    """A port where nobody listens, a name that leads nowhere, a port that speaks no TLS."""
    assert post("http://127.0.0.1:1/") == Reply(error="connection")
    assert post("https://hooks.invalid/", resolve=leads()) == Reply(error="connection")
    with receiving() as receiver:
        assert post(receiver.url.replace("http:", "https:")) == Reply(error="tls")
