"""Where a webhook may be posted, and that it goes to the very address that was checked."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from assistant.errors import Invalid
from assistant.webhooks import NotDelivered, Poster
from assistant.webhooks.posting import is_public
from tests.webhooks.receiver import receiving


def resolving(*answers: list[str]):
    """A resolver that gives these answers in turn, and the names it was asked for."""
    asked = []

    async def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("255.255.255.255", False),
        ("224.0.0.1", False),
        ("192.0.2.1", False),
        ("::1", False),
        ("::", False),
        ("fe80::1", False),
        ("fe80::1%eth0", False),
        ("fc00::1", False),
        ("fd12:3456::1", False),
        ("ff0e::1", False),
        ("::ffff:127.0.0.1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::7f00:1", False),
        ("64:ff9b:1::a00:1", False),
        ("2002:7f00:1::", False),
        ("2001:db8::1", False),
        ("not an address", False),
    ],
)
def test_only_addresses_of_the_open_internet_are_public(address, public):
    assert is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://shop.example/hook",
        "ftp://shop.example/hook",
        "https:///hook",
        "shop.example/hook",
        "https://user:word@shop.example/hook",
        "https://shop.example/hook#part",
        "https://shop.example/" + "x" * 2000,
        "https://shop.example:99999/",
        "https://127.0.0.1/hook",
        "https://[::1]/hook",
        "https://[::ffff:10.0.0.1]/hook",
        "https://169.254.169.254/latest/meta-data",
        "https://localhost/hook",
        "https://LOCALHOST./hook",
        "https://app.localhost:8443/hook",
        "https://printer.local/hook",
        "https://metadata.google.internal/computeMetadata",
        "https://router.home.arpa/",
    ],
)
def test_an_address_that_may_not_be_posted_to_is_refused_when_it_is_registered(url):
    with pytest.raises(Invalid, match=r"webhook|public"):
        Poster().check(url)


@pytest.mark.parametrize("host", ["local.example", "internal.example", "mylocalhost.example", "localhost.example"])
def test_a_name_that_only_looks_like_a_private_one_may_be_registered(host):
    assert Poster().check(f"https://{host}/hook").host == host
    assert Poster(private=True).check("https://localhost/hook").host == "localhost"


@pytest.mark.parametrize("host", ["0x7f000001", "2130706433", "127.1", "localhost"])
async def test_a_private_address_written_in_a_way_only_resolvers_understand_is_refused(host):
    with pytest.raises((Invalid, NotDelivered)):
        await Poster(http=True).post(f"http://{host}:9/", b"{}", {})


async def test_a_name_that_leads_to_a_private_address_is_refused_and_nothing_is_sent():
    async with receiving() as receiver:
        for addresses in (["127.0.0.1"], ["93.184.215.14", "127.0.0.1"]):
            resolve, _ = resolving(addresses)
            with pytest.raises(Invalid, match=r"'shop.example' is not a public address"):
                await Poster(http=True, resolve=resolve).post(f"http://shop.example:{receiver.port}/", b"{}", {})
    assert receiver.messages == []


async def test_a_name_is_looked_up_once_so_that_it_cannot_lead_elsewhere_after_the_check():
    resolve, asked = resolving(["127.0.0.1"], ["192.0.2.1"])
    async with receiving() as receiver:
        poster = Poster(http=True, private=True, resolve=resolve)
        await poster.post(f"http://shop.example:{receiver.port}/hook?a=1", b'{"a": 1}', {"x-test": "1"})
    (message,) = receiver.messages
    assert asked == ["shop.example"]
    assert (message.path, message.body) == ("/hook?a=1", b'{"a": 1}')
    assert (message.headers["host"], message.headers["x-test"]) == (f"shop.example:{receiver.port}", "1")


async def test_the_next_address_is_tried_where_the_first_takes_no_connection():
    resolve, _ = resolving(["127.0.0.2", "127.0.0.1"])
    async with receiving() as receiver:
        await Poster(http=True, private=True, resolve=resolve).post(f"http://shop.example:{receiver.port}/", b"{}", {})
    assert len(receiver.messages) == 1


async def test_a_redirect_is_not_followed():
    async with receiving() as elsewhere, receiving() as receiver:
        target = f"http://127.0.0.1:{elsewhere.port}/"
        receiver.answers = [f"HTTP/1.1 307 Elsewhere\r\nlocation: {target}\r\ncontent-length: 0\r\n\r\n".encode()]
        with pytest.raises(NotDelivered, match="307"):
            await Poster(http=True, private=True).post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})
    assert elsewhere.messages == []


async def test_a_response_is_read_no_further_than_its_status():
    async with receiving() as receiver:
        # More is announced than ever comes: whoever reads it waits.
        receiver.answers = [b"HTTP/1.1 200 OK\r\ncontent-length: 1000000000\r\n\r\nand so on"]
        await Poster(http=True, private=True).post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})


@pytest.mark.parametrize("answer", [None, b"HTTP/1.1 200 OK\r\nx: " + b"x" * 200_000, b"nonsense\r\n\r\n", b""])
async def test_a_receiver_that_is_silent_or_talks_nonsense_has_not_taken_it(answer):
    async with receiving() as receiver:
        receiver.answers = [answer]
        with pytest.raises(NotDelivered):
            await Poster(http=True, private=True, timeout_s=0.5).post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})


async def test_a_proxy_of_the_environment_is_not_asked(monkeypatch):
    async with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{proxy.port}")
        monkeypatch.setenv("NO_PROXY", "")
        await Poster(http=True, private=True).post(f"http://127.0.0.1:{receiver.port}/", b"{}", {})
    assert (len(proxy.messages), len(receiver.messages)) == (0, 1)


async def test_over_tls_the_certificate_must_be_that_of_the_name(tmp_path):
    server, client = certified("shop.example", tmp_path)
    resolve, _ = resolving(["127.0.0.1"])
    poster = Poster(private=True, resolve=resolve, tls=client)
    async with receiving(tls=server) as receiver:
        await poster.post(f"https://shop.example:{receiver.port}/", b"{}", {})
        with pytest.raises(NotDelivered, match="no connection"):
            await poster.post(f"https://other.example:{receiver.port}/", b"{}", {})
    assert len(receiver.messages) == 1


def certified(name: str, folder) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """Both ends of TLS with a certificate for `name`, which the client's end trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName(name), x509.IPAddress(ip_address("192.0.2.9"))]), False
        )
        .sign(key, hashes.SHA256())
    )
    file = folder / "certificate.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file.write_bytes(private + certificate.public_bytes(pem))
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(file)
    return server, ssl.create_default_context(cafile=file)
