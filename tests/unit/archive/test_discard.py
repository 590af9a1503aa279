"""What is discarded by authority (涉密、误发) is not kept in the ledger beside the tombstone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from archive.ledger import Ledger
from archive.ledger.arrivals import Accepted, Wanted
from archive.records import Decision, Evidence, Facts, Mail, Piece, PieceDecision, Question, Source, Submission

NOW = datetime(2018, 8, 6, 2, 20, tzinfo=UTC)
SECRET = "涉密会议纪要第七号全文"


def kept(path: Path) -> bytes:
    return b"".join(each.read_bytes() for each in path.parent.glob("ledger.db*"))


def ways(words: str) -> list[bytes]:
    """As text and as JSON escapes it."""
    return [words.encode(), words.encode("ascii", "backslashreplace")]


def test_a_discarded_mail_leaves_no_word_of_what_it_said_on_the_disk(tmp_path: Path) -> None:
    path = tmp_path / "ledger.db"
    ledger = Ledger(path)
    source = Source("weihai", "INBOX", 7, 1)
    ledger.arrivals.reserve([Wanted(source, "weihai", "WH", 2018, "mail", NOW, "1" * 64, 1, "a@u.example.test")], NOW)
    facts = Facts("docx", text=SECRET * 300, title=SECRET, cells=((SECRET,),), header={"标题": SECRET})
    mail = Mail(sender="a@u.example.test", subject="误发", text=SECRET)
    pieces = (Piece("2", "纪要.docx", "files/纪要.docx", "b" * 64, 5, facts),)
    submission = Submission("WH2018-0001", source, "mail", NOW, "1" * 64, 1, mail, pieces)
    evidence = (Evidence("title", f"标题为“{SECRET}”", 20.0),)
    decided = (PieceDecision("2", "summary", work=SECRET, evidence=evidence),)
    decision = Decision("WH2018-0001", 1, NOW, "auto", "submission", "c", "u1", 1.0, True, "", pieces=decided)
    asked = Question(0, "undecided-piece", "WH2018-0001", "2", f"“{SECRET}”是哪项材料", (), "", NOW)
    texts = {"2": SECRET * 3000}
    ledger.arrivals.accept([Accepted(submission, decision, questions=(asked,), whole=texts.get)], (), NOW)
    ledger.decisions.decide("WH2018-0001", lambda d: replace(d, unit="u2", evidence=evidence), NOW, "王", "改判")
    ledger.close()
    assert any(way in kept(path) for way in ways(SECRET))

    ledger = Ledger(path)
    ledger.decisions.decide("WH2018-0001", lambda d: replace(d, discarded=True, answerable=False), NOW, "主任", "涉密")
    after = ledger.arrivals.submission("WH2018-0001")
    versions = ledger.decisions.versions("WH2018-0001")
    ledger.close()
    assert not any(way in kept(path) for way in ways(SECRET))
    assert after is not None and (after.sha256, after.mail.subject) == ("1" * 64, "误发")
    assert (after.pieces[0].name, after.pieces[0].sha256) == ("纪要.docx", "b" * 64)
    assert [(one.by, one.unit, one.why) for one in versions] == [
        ("auto", "u1", ""), ("王", "u2", "改判"), ("主任", "u2", "涉密"),
    ]  # fmt: skip
