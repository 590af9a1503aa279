"""What the provider's own server found of a sender (RFC 8601): passed, failed, or unknown, never passed by default."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

import authres

from archive.records import Mail

HEADER = "authentication-results"
Check = Literal["pass", "fail", "unknown"]


def sender_check(mail: Mail, trusted: Collection[str]) -> tuple[Check, str]:
    """What the topmost Authentication-Results says of the From address, and its words (`dmarc=fail`).

    trusted: authserv-ids of the mailbox's own provider, lower case. Another server's header, or one further down,
    may have been written by the sender: unknown. DMARC decides where it is told; else an aligned DKIM or SPF pass;
    SPF alone fails only hard (RFC 7208 section 2.6.4).
    """
    told = next((value for name, value in mail.guard_headers if name == HEADER), None)
    if told is None or not trusted:
        return "unknown", ""
    try:
        header = authres.AuthenticationResultsHeader.parse(f"{HEADER}: {told}")
    except authres.AuthResError:
        return "unknown", ""
    if header.authserv_id.lower() not in trusted:
        return "unknown", ""
    found = [(each.method, each.result, _domains(each)) for each in header.results]
    words = "，".join(f"{method}={result}" for method, result, _ in found)
    return _judged(found, mail.sender.rpartition("@")[2].lower()), words


def _judged(found: list[tuple[str, str, set[str]]], domain: str) -> Check:
    by_method = {method: result for method, result, _ in reversed(found)}
    if by_method.get("dmarc") in ("pass", "fail"):
        return "pass" if by_method["dmarc"] == "pass" else "fail"
    for method, result, domains in found:
        if method in ("dkim", "spf") and result == "pass" and any(_aligned(each, domain) for each in domains):
            return "pass"
    return "fail" if by_method.get("spf") == "fail" else "unknown"


def _domains(result: authres.AuthenticationResult) -> set[str]:
    """The domains a result speaks of."""
    properties = result.properties or ()
    return {str(each.value).rpartition("@")[2].lower() for each in properties if each.name in ("d", "i", "mailfrom")}


def _aligned(domain: str, sender: str) -> bool:
    """Relaxed alignment without a list of public suffixes: the same domain, or one below the other."""
    return bool(domain) and (domain == sender or domain.endswith(f".{sender}") or sender.endswith(f".{domain}"))
