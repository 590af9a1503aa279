"""One mail, folded once for all campaigns: where its names and words stand."""

from __future__ import annotations

from archive.judging.spelling import fold
from archive.records import Mail, Piece
from intake.clues.furniture import is_material
from intake.clues.relays import counted_to, is_borrowed, passed_on, sent_for, sent_for_own
from intake.clues.speech import Place, clean_subject, file_names, folder_names, header_units, own_lines, title_lines


class Reading:
    """One mail, folded once for all campaigns."""

    def __init__(self, mail: Mail, pieces: tuple[Piece, ...]) -> None:
        self.mail = mail
        self.sender = mail.sender.strip().lower()
        self.subject = fold(clean_subject(mail.subject))
        self.files = [fold(name) for name in file_names(pieces)]
        self.folders = [fold(name) for name in folder_names(pieces)]
        self.titles = [fold(line) for piece in pieces if is_material(piece, pieces) for line in title_lines(piece)]
        self.passed = passed_on(mail)
        self.lines = [fold(line) for line in (*own_lines(mail), *(self.passed.lines if self.passed else ()))][:200]
        self.sent_for = sent_for(mail)
        self.counted_to = counted_to(mail)
        self.for_own = sent_for_own(mail)
        self.borrowed = is_borrowed(mail)
        self.headers = [(fold(value), where) for value, where in header_units(mail, pieces)]
        self.nested = [each for each in mail.nested if each.sender]
        body = "\n".join(self.lines)[:4000]
        self.length = len(body)
        self.campaign_places = (
            Place("subject", "主题", self.subject, 1.0),
            Place("files", "文件名", "\n".join(self.files + self.folders), 1.0),
            Place("titles", "文件标题", "\n".join(self.titles), 0.8),
            Place("body", "正文", body, 0.8 if len(body) <= 300 else 0.4),
            Place("nested", "所转邮件的主题", "\n".join(map(fold, self._inner_subjects())), 0.8),
        )

    def _inner_subjects(self) -> list[str]:
        passed = [self.passed.subject] if self.passed else []
        return passed + [each.subject for each in self.mail.nested]

    def inner_senders(self) -> list[str]:
        """Addresses a mail passed on came from."""
        passed = [self.passed.address] if self.passed and self.passed.address else []
        return passed + [each.sender.strip().lower() for each in self.nested]
