"""DNS is asked for what is needed, within its time; what it can't say is no reason to fail."""

import json
from io import StringIO
from typing import Any

import dns.exception
import dns.resolver
import pytest
from django.core.management import CommandError, call_command
from hypothesis import given
from hypothesis import strategies as st

from campaigns.domains.checking import ascii_domain, check_domain
from campaigns.domains.dkim import SELECTORS
from tests.campaigns.domains.support import Zone, good_zone, in_zone, key


def states(zone: Zone, **options: Any) -> dict[str, str]:
    return {each.name: each.state for each in check_domain("example.com", resolver=zone, **options)}


def test_a_domain_where_all_is_well() -> None:
    zone = Zone(good_zone())
    verdicts = check_domain(" Example.com. ", resolver=zone, seconds=2)
    assert [(each.name, each.state) for each in verdicts] == [
        ("spf", "good"),
        ("dkim", "good"),
        ("dmarc", "good"),
        ("mx", "good"),
    ]
    assert verdicts[1].found == "s1: RSA, 2048 bits"
    assert verdicts[3].found == "10 a.example.com. | 20 b.example.com."
    assert {seconds for _, _, seconds in zone.asked} == {2}
    assert len(zone.asked) == len(set(zone.asked))


def test_a_domain_with_nothing() -> None:
    zone = Zone({("example.com", "TXT"): dns.resolver.NoAnswer()})
    assert states(zone) == dict.fromkeys(("spf", "dkim", "dmarc", "mx"), "missing")
    assert ("mandrill._domainkey.example.com", "TXT", 5) in zone.asked


def test_given_selectors_alone_are_asked_for() -> None:
    zone = Zone(good_zone() | {("own.key._domainkey.example.com", "TXT"): [in_zone(key(1024))]})
    assert states(zone, selectors=["Own.key"])["dkim"] == "weak"
    assert [name for name, _, _ in zone.asked if "_domainkey" in name] == ["own.key._domainkey.example.com"]
    assert states(zone, selectors=["s1", "s2"])["dkim"] == "missing"


def test_a_key_that_its_provider_has_not_published() -> None:
    zone = good_zone()
    del zone["s1._domainkey.example.com", "TXT"]
    zone["selector1._domainkey.example.com", "CNAME"] = ["selector1._domainkey.provider.test."]
    verdict = check_domain("example.com", resolver=Zone(zone))[1]
    assert verdict.state == "broken"
    assert verdict.found == "selector1: CNAME selector1._domainkey.provider.test"


def test_dns_that_cannot_be_reached_is_one_verdict() -> None:
    zone = Zone({("example.com", "MX"): dns.exception.Timeout()})
    (verdict,) = check_domain("example.com", resolver=zone)
    assert verdict.state == "broken"
    assert verdict.advice == "DNS couldn't be asked for example.com (no answer in time): try again later."
    assert len(zone.asked) == 1
    (verdict,) = check_domain("example.com", resolver=Zone({("example.com", "MX"): OSError("No\nnetwork")}))
    assert "(No network)" in verdict.advice


def test_a_machine_without_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> None:
        raise dns.resolver.NoResolverConfiguration

    monkeypatch.setattr(dns.resolver, "Resolver", none)
    (verdict,) = check_domain("example.com")
    assert verdict.state == "broken"
    assert "DNS couldn't be asked" in verdict.advice


@pytest.mark.parametrize(
    ("name", "which"), [("spf.x.test", "spf"), ("_dmarc.example.com", "dmarc"), ("k1._domainkey.example.com", "dkim")]
)
def test_a_name_that_cannot_be_asked_for_spoils_only_its_own_verdict(name: str, which: str) -> None:
    zone = good_zone() | {(name, "TXT"): dns.resolver.NoNameservers()}
    found = check_domain("example.com", resolver=Zone(zone))
    assert [each.name for each in found if each.state != "good"] == [which]
    assert f"DNS couldn't be asked for {name}" in next(each.advice for each in found if each.name == which)


def test_bytes_that_are_no_text_are_read_anyhow() -> None:
    zone = good_zone() | {("example.com", "TXT"): ['"\\255\\027[31m"', '"v=spf1 \\255\\027[31m -all"']}
    verdict = check_domain("example.com", resolver=Zone(zone))[0]
    assert verdict.state == "broken"
    assert "\x1b" not in verdict.found + verdict.advice


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("EXAMPLE.com.", "example.com"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("Straße.de", "xn--strae-oqa.de"),
        ("_spf.a-b.co.uk", "_spf.a-b.co.uk"),
    ],
)
def test_domains_are_spelled_as_dns_does(text: str, name: str) -> None:
    assert ascii_domain(text) == name


@pytest.mark.parametrize(
    "text",
    ["", ".", "com", "a..com", "a@example.com", "https://x.co", "1.2.3.4", "-a.com", "a b.com", f"{'a' * 64}.com"]
    + ["a." * 127 + "com", "\N{SNOWMAN}\N{VARIATION SELECTOR-16}..com", "ex\\065mple.com", "x.co\n.y"],
)
def test_what_is_no_domain(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a domain: write it as example.com"):
        check_domain(text, resolver=Zone({}))


@pytest.mark.parametrize("text", ["", "a b", "s1.", "s1._domainkey.é", "\\1"])
def test_what_is_no_selector(text: str) -> None:
    with pytest.raises(ValueError, match="isn't a DKIM selector"):
        check_domain("example.com", selectors=[text], resolver=Zone({}))


@given(st.text())
def test_any_text_is_a_domain_or_a_value_error(text: str) -> None:
    try:
        assert ascii_domain(ascii_domain(text)) == ascii_domain(text)
    except ValueError as error:
        assert "isn't a domain" in str(error)


# -------------------------------------------------------------------------------------------------- the command


def run(monkeypatch: pytest.MonkeyPatch, zone: Zone, *arguments: str) -> tuple[int, str]:
    monkeypatch.setattr(dns.resolver, "Resolver", lambda: zone)
    out = StringIO()
    try:
        call_command("check_domain", "example.com", *arguments, stdout=out)
    except SystemExit as end:
        return int(end.code or 0), out.getvalue()
    return 0, out.getvalue()


def test_the_command_prints_a_table_and_advice(monkeypatch: pytest.MonkeyPatch) -> None:
    zone = good_zone()
    code, said = run(monkeypatch, Zone(zone))
    assert (code, said.splitlines()[1]) == (0, "DKIM   good     s1: RSA, 2048 bits")
    assert len(said.splitlines()) == 4
    zone["_dmarc.example.com", "TXT"] = ['"v=DMARC1; p=none"']
    code, said = run(monkeypatch, Zone(zone))
    assert code == 0
    assert said.splitlines()[-1].startswith("DMARC: p=none only watches")
    del zone["_dmarc.example.com", "TXT"]
    code, said = run(monkeypatch, Zone(zone))
    assert (code, "DMARC  missing" in said) == (1, True)


def test_the_command_in_json(monkeypatch: pytest.MonkeyPatch) -> None:
    code, said = run(monkeypatch, Zone(good_zone()), "--json", "--selector", "s2", "--selector", "s1")
    told = json.loads(said)
    assert (code, [each["name"] for each in told]) == (1, ["spf", "dkim", "dmarc", "mx"])
    assert set(told[0]) == {"name", "state", "found", "advice"}
    assert told[1]["state"] == "missing"


def test_the_command_refuses_what_is_no_domain() -> None:
    with pytest.raises(CommandError, match="isn't a domain") as refused:
        call_command("check_domain", "sales@example.com")
    assert refused.value.returncode == 2


def test_every_selector_is_one() -> None:
    assert len(set(SELECTORS)) == len(SELECTORS) == 17
