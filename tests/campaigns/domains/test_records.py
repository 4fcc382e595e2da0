"""What is published is judged as receivers would, and whatever it is, nothing raises."""

import base64
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.composing.characters import has_controls
from campaigns.domains.der import rsa_bits
from campaigns.domains.dkim import SELECTORS, Selector, judge_dkim
from campaigns.domains.records import Verdict, judge_dmarc, judge_mx
from campaigns.domains.spf import judge_spf
from tests.campaigns.domains.support import key, rsa_der

ED25519 = f"v=DKIM1; k=ed25519; p={base64.b64encode(bytes(32)).decode()}"


def spf(*texts: str, **others: str | list[str]) -> Verdict:
    """``others``: records by the first label of ``….test``."""

    def lookup(name: str) -> Sequence[str]:
        found = others.get(name.removesuffix(".test"), [])
        return [found] if isinstance(found, str) else found

    return judge_spf("example.com", texts, lookup)


def dkim(*texts: str) -> Verdict:
    return judge_dkim("example.com", [Selector("s1", texts)], given=True)


def dmarc(domain: str = "example.com", **records: str | list[str]) -> Verdict:
    """``records`` by domain, with _ for its dots."""

    def lookup(name: str) -> Sequence[str]:
        found = records.get(name.removeprefix("_dmarc.").replace(".", "_"), [])
        return [found] if isinstance(found, str) else found

    return judge_dmarc(domain, lookup)


# ---------------------------------------------------------------------------------------------------------- SPF


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ("v=spf1 a mx -all", "good"),
        ("V=SPF1  ip4:192.0.2.0/24 ip6:2001:db8::/32 a/24 mx:x.test/24//64 ~ALL", "good"),
        ("v=spf1 exp=why.example.com x-own=1 -all", "good"),
        ("v=spf1 exists:%{i}.x.test include:%{d}.x.test -all", "good"),
        ("v=spf1 mx ?all", "weak"),
        ("v=spf1 mx", "weak"),
        ("v=spf1", "weak"),
        ("v=spf1 ptr -all", "weak"),
        ("v=spf1 -all mx", "weak"),
        ("v=spf1 +all", "broken"),
        ("v=spf1 all", "broken"),
        ("v=spf1 ipv4:192.0.2.1 -all", "broken"),
        ("v=spf1 ip4:192.0.2.300 -all", "broken"),
        ("v=spf1 ip4 -all", "broken"),
        ("v=spf1 include: -all", "broken"),
        ("v=spf1 include:x..test -all", "broken"),
        ("v=spf1 redirect=a.test redirect=a.test", "broken"),
        ("v=spf1 all:x", "broken"),
        ("v=spf1 -all;", "broken"),
    ],
)
def test_an_spf_record_alone(record: str, state: str) -> None:
    verdict = spf(record, "google-site-verification=1", a="v=spf1 -all")
    assert (verdict.name, verdict.state, verdict.found) == ("spf", state, " ".join(record.split()))
    assert bool(verdict.advice) == (state != "good")


def test_no_spf_record_and_several() -> None:
    missing = spf("v=spf10 -all", "spf2.0/pra -all")
    assert (missing.state, missing.found) == ("missing", "")
    assert "Publish a TXT record at example.com such as “v=spf1 " in missing.advice
    several = spf("v=spf1 a -all", "v=spf1 mx -all")
    assert several.state == "broken"
    assert "2 SPF records" in several.advice


def test_redirect_gives_the_other_record_s_end_unless_there_is_an_all() -> None:
    assert spf("v=spf1 redirect=a.test", a="v=spf1 mx -all").state == "good"
    assert spf("v=spf1 redirect=A.test.", a="v=spf1 mx ?all").state == "weak"
    assert spf("v=spf1 redirect=a.test").state == "broken"
    assert spf("v=spf1 redirect=a.test -all").state == "good"


def test_includes_are_followed() -> None:
    assert spf("v=spf1 include:a.test -all", a="v=spf1 include:b.test ~all", b="v=spf1 mx -all").state == "good"
    void = spf("v=spf1 include:a.test -all")
    assert (void.state, "a.test, which has no SPF record" in void.advice) == ("broken", True)
    two = spf("v=spf1 include:a.test -all", a=["v=spf1 -all", "v=spf1 ~all"])
    assert (two.state, "several" in two.advice) == ("broken", True)
    loop = spf("v=spf1 include:a.test -all", a="v=spf1 include:b.test -all", b="v=spf1 include:a.test -all")
    assert (loop.state, "leads back to a.test" in loop.advice) == ("broken", True)
    assert "leads back to example.com" in spf("v=spf1 include:Example.com. -all").advice
    everybody = spf("v=spf1 include:a.test -all", a="v=spf1 +all")
    assert (everybody.state, "everybody" in everybody.advice) == ("broken", True)


def test_what_a_provider_could_do_better_is_not_its_customer_s_matter() -> None:
    assert spf("v=spf1 include:a.test -all", a="v=spf1 ptr -all mx").state == "good"


def test_ten_lookups_and_no_more() -> None:
    inner = "v=spf1 a mx exists:c.test include:b.test ?all"
    ten = {"a": inner, "b": "v=spf1 a:1.test a:2.test a:3.test -all"}
    # include, 4 inside of it, 3 inside of that, and 2 more.
    assert spf("v=spf1 include:a.test a mx ip4:192.0.2.1 -all", **ten).state == "good"
    eleven = spf("v=spf1 include:a.test a mx a:more.test -all", **ten)
    assert (eleven.state, "more than 10 DNS look-ups" in eleven.advice) == ("broken", True)
    assert spf("v=spf1 include:a.test a mx -all a:never-asked.test", **ten).state == "weak"
    assert spf("v=spf1 include:a.test a mx redirect=b.test", **ten).state == "broken"


def test_a_provider_s_tree_costs_bounded_work() -> None:
    asked: list[str] = []

    def deeper(name: str) -> list[str]:
        asked.append(name)
        return [f"v=spf1 include:a{name} include:b{name} -all"]

    assert judge_spf("example.com", deeper("x.test"), deeper).state == "broken"
    assert len(asked) <= 11


# --------------------------------------------------------------------------------------------------------- DKIM


@pytest.mark.parametrize(
    ("record", "state", "found"),
    [
        (key(2048), "good", "RSA, 2048 bits"),
        (key(4096, bare=True), "good", "RSA, 4096 bits"),
        (key(2048).removeprefix("v=DKIM1; k=rsa; "), "good", "RSA, 2048 bits"),
        (key(2048).replace("p=MII", "h=sha1:sha256; s=email; p = MI I"), "good", "RSA, 2048 bits"),
        (key(1024), "weak", "RSA, 1024 bits"),
        (key(768), "broken", "RSA, 768 bits"),
        (f"{key(2048)}; t=y", "weak", "RSA, 2048 bits, in test mode"),
        (ED25519, "weak", "Ed25519"),
        (ED25519.replace("AAAA", "", 1), "broken", "Ed25519, 29 bytes"),
        ("v=DKIM1; p=", "broken", "a revoked key"),
        ("v=DKIM1; k=rsa", "broken", ""),
        ("v=DKIM1; k=dsa; p=AAAA", "broken", "k=dsa"),
        ("v=DKIM1; p=AAAA", "broken", "no RSA key"),
        ("v=DKIM1; p=AAA", "broken", "p=AAA"),
        ("v=DKIM1; p=é", "broken", "p=é"),
        ("v=DKIM1; p=AAAA; p=AAAA", "broken", "p=AAAA"),
        (f"{key(2048)}; h=sha1", "broken", "h=sha1"),
        (f"{key(2048)}; s=other", "broken", "s=other"),
        (key(2048)[:-40], "broken", "no RSA key"),
        ("v=spf1 -all", "broken", "v=spf1"),
    ],
)
def test_a_dkim_key(record: str, state: str, found: str) -> None:
    verdict = dkim(record)
    assert (verdict.name, verdict.state) == ("dkim", state)
    assert verdict.found.startswith("s1: ")
    assert found in verdict.found or len(verdict.found) == 500
    assert ("s1._domainkey.example.com" in verdict.advice) == (state != "good")


def test_given_selectors_must_all_hold_a_key() -> None:
    good, none = Selector("s1", [key()]), Selector("s2", [])
    assert judge_dkim("example.com", [good], given=True).state == "good"
    verdict = judge_dkim("example.com", [good, none], given=True)
    assert (verdict.state, verdict.found) == ("missing", "s2: no record")
    assert judge_dkim("example.com", [Selector("s1", [key(), key()])], given=True).state == "broken"


def test_of_guessed_selectors_the_best_counts() -> None:
    guessed = [Selector("k1", ["v=DKIM1; p="]), Selector("s1", [key(1024)]), Selector("s2", ["v=spf1 -all"])]
    verdict = judge_dkim("example.com", guessed, given=False)
    assert (verdict.state, verdict.found) == ("weak", "s1: RSA, 1024 bits")
    missing = judge_dkim("example.com", [Selector(each, ["v=spf1 -all"]) for each in SELECTORS], given=False)
    assert missing.state == "missing"
    assert "give that selector" in missing.advice


def test_an_alias_to_nowhere_is_told_but_no_wildcard_s() -> None:
    dangling = Selector("selector1", (), "selector1-example-com._domainkey.example.onmicrosoft.com")
    verdict = judge_dkim("example.com", [Selector("s1", (), "parking.test"), dangling], given=False)
    assert (verdict.state, "switch DKIM on" in verdict.advice) == ("broken", True)
    assert judge_dkim("example.com", [Selector("s1", (), "parking.test")], given=False).state == "missing"
    assert judge_dkim("example.com", [Selector("s1", (), "parking.test")], given=True).state == "broken"


@pytest.mark.parametrize("bits", [512, 1024, 1536, 2048, 4096])
def test_rsa_keys_are_measured(bits: int) -> None:
    assert rsa_bits(rsa_der(bits)) == bits
    assert rsa_bits(rsa_der(bits, bare=True)) == bits


# ------------------------------------------------------------------------------------------------- DMARC and MX


@pytest.mark.parametrize(
    ("record", "state"),
    [
        ("v=DMARC1; p=reject; rua=mailto:a@x.co", "good"),
        ("v = DMARC1;P=Quarantine;", "good"),
        ("v=DMARC1; p=none; rua=mailto:a@x.co, mailto:b@x.co!10m", "weak"),
        ("v=DMARC1; p=none", "weak"),
        ("v=DMARC1; rua=mailto:a@x.co", "weak"),
        ("v=DMARC1; p=reject; rua=a@x.co", "weak"),
        ("v=DMARC1", "broken"),
        ("v=DMARC1; p=rejct", "broken"),
        ("v=DMARC1 p=reject", "missing"),
        ("v=spf1 -all", "missing"),
    ],
)
def test_a_dmarc_record(record: str, state: str) -> None:
    verdict = dmarc(example_com=record)
    assert (verdict.name, verdict.state) == ("dmarc", state)
    assert bool(verdict.advice) == (state != "good")
    assert verdict.found == ("" if state == "missing" else record)


def test_the_domain_above_speaks_for_those_below() -> None:
    above = "v=DMARC1; p=none; sp=reject"
    assert dmarc("a.b.example.com", example_com=above).state == "good"
    assert dmarc("example.com", example_com=above).state == "weak"
    nearer = dmarc("a.b.example.com", example_com=above, b_example_com="v=DMARC1; p=quarantine")
    assert (nearer.state, nearer.found) == ("good", "v=DMARC1; p=quarantine")
    assert dmarc("example.com", com=above).state == "missing"
    assert dmarc(example_com=[above, above]).state == "broken"


def test_long_names_are_no_long_walk() -> None:
    asked: list[str] = []
    judge_dmarc(".".join("abcdefghijklmnop"), lambda name: asked.append(name) or [])
    assert (len(asked), asked[1], asked[-1]) == (7, "_dmarc.j.k.l.m.n.o.p", "_dmarc.o.p")


@pytest.mark.parametrize(
    ("exchanges", "state", "found"),
    [
        ([(20, "b.x.co."), (10, "a.x.co.")], "good", "10 a.x.co. | 20 b.x.co."),
        ([], "missing", ""),
        ([(0, ".")], "broken", "0 ."),
        ([(10, "192.0.2.1.")], "broken", "10 192.0.2.1."),
    ],
)
def test_mx(exchanges: list[tuple[int, str]], state: str, found: str) -> None:
    verdict = judge_mx("x.co", exchanges)
    assert (verdict.name, verdict.state, verdict.found) == ("mx", state, found)
    assert bool(verdict.advice) == (state != "good")


# ------------------------------------------------------------------------------------------------- any text

WORDS = st.sampled_from(
    [*("v=spf1", "v=DKIM1", "v=DMARC1", "p=", "p=none", "k=", ";", " ", "all", "-", "+", "?", ":", "/", "=", "%")]
    + ["include:a.test", "redirect=a.test", "ip4:", "ip6:", "1.2.3.4", "::1/129", "rua=", "h=", "t=y", "MIGf", "\0"]
)
TEXT = st.one_of(st.text(), st.lists(WORDS).map("".join), st.lists(WORDS).map(" ".join))
TEXTS = st.lists(st.one_of(TEXT, TEXT.map("v=spf1 {}".format), TEXT.map("v=DMARC1;{}".format)), max_size=3)


@given(TEXTS, TEXTS, TEXTS)
def test_no_text_raises(own: list[str], first: list[str], later: list[str]) -> None:
    answers = iter([first])
    verdicts = [
        judge_spf("example.com", own, lambda name: next(answers, later)),
        judge_dmarc("mail.example.com", lambda name: own if name.startswith("_dmarc.m") else later),
        judge_dkim("example.com", [Selector("s1", own), Selector("s2", first, "".join(later))], given=True),
        judge_dkim("example.com", [Selector("s1", own), Selector("s2", first, "".join(later))], given=False),
        judge_mx("example.com", list(enumerate(own))),
    ]
    for verdict in verdicts:
        assert len(verdict.found) <= 500
        assert not has_controls(verdict.found + verdict.advice)
        assert (verdict.state == "good") == (not verdict.advice)


@given(st.one_of(st.binary(), st.binary(max_size=60).map(lambda end: rsa_der(2048)[: 300 - len(end)] + end)))
def test_no_bytes_raise(data: bytes) -> None:
    assert rsa_bits(data) >= 0
    dkim(f"p={base64.b64encode(data).decode()}")
