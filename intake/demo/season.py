"""The demo's season: who writes when, what, and which letter it gets. One line is one mail or one act of staff."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from archive.records import LetterKind
from intake.demo import recipes as r
from intake.demo.mails import ZONE
from intake.demo.recipes import Scene

Recipe = Callable[[Scene], bytes]


@dataclass(frozen=True)
class Mailed:
    """A mail: from whom (a unit's code, None = somebody else), when (MM-DD HH:MM), what, and the letter it must get.

    letter None: it must get none. twice: the very same bytes lie in the mailbox a second time.
    """

    unit: str | None
    at: str
    what: Recipe
    letter: LetterKind | None
    twice: bool = False


@dataclass(frozen=True)
class Staff:
    """What staff do: assign the last neutral mail to a unit, register a seal, import a disc, or (unit "") clear the
    campaign's queue, without which no overdue letter goes."""

    act: Literal["assign", "seal", "disc", "clear"]
    unit: str
    at: str


@dataclass(frozen=True)
class Season:
    """One campaign: when its mailbox is first connected, when the play ends, and all that happens in between."""

    campaign: str
    year: int
    begins: str
    ends: str
    happens: tuple[Mailed | Staff, ...]

    def moment(self, at: str) -> datetime:
        """MM-DD HH:MM in the season's year, Chinese time."""
        return datetime.strptime(f"{self.year}-{at}", "%Y-%m-%d %H:%M").replace(tzinfo=ZONE)


ANQING = Season("anqing-2013", 2013, "09-03 08:30", "10-18 17:00", (
    Mailed("AQ01", "09-05 10:12", r.news_text, "thanks"),
    Mailed("AQ02", "09-09 15:40", r.news_paper, "thanks"),
    Mailed("AQ03", "09-12 09:05", r.news_photos, "thanks"),
    Mailed(None, "09-12 09:30", r.newsletter, None),
    Mailed("AQ05", "09-13 20:18", r.pasted_pictures, "thanks"),
    Mailed("AQ06", "09-16 14:22", r.news_video, "thanks"),
    Mailed("AQ11", "09-17 11:03", r.news_long_name, "thanks"),
    Mailed("AQ12", "09-18 16:47", r.news_raw, "thanks"),
    Mailed("AQ12", "09-18 17:20", r.away_note, None),
    Mailed("AQ02", "09-24 21:36", r.private_address, "thanks"),
    Mailed("AQ08", "09-25 09:10", r.picture_size_asked, None),
    Mailed(None, "09-26 10:00", r.advertisement, None),
    Mailed("AQ07", "10-08 10:31", r.news_paper, "thanks", twice=True),
    Mailed("AQ04", "10-11 15:15", r.news_photos, "thanks"),
    Mailed("AQ01", "10-16 08:55", r.news_raw, "thanks"),
))  # fmt: skip

HAINAN = Season("hainan-2017", 2017, "06-05 08:30", "07-26 17:00", (
    Mailed("HN01", "06-20 09:15", r.all_of_hainan, "complete"),
    Mailed(None, "06-21 08:40", r.newsletter, None),
    Mailed("HN02", "07-05 10:20", r.summary_only, "receipt"),
    Mailed("HN03", "07-10 15:02", r.weak_film, "shortfall"),
    Mailed("HN04", "07-11 09:00", r.first_of_two, "receipt"),
    Mailed("HN04", "07-11 09:18", r.second_of_two, "receipt"),
    Mailed("HN02", "07-12 11:11", r.experience_in_reply, "receipt"),
    Mailed("HN05", "07-13 16:35", r.damaged_archive, "shortfall"),
    Mailed("HN03", "07-14 10:26", r.good_film, "receipt"),
    Mailed("HN05", "07-17 09:40", r.whole_archive, "receipt"),
    Mailed("HN06", "07-18 14:14", r.says_all_sent, "shortfall"),
    Mailed("HN09", "07-19 10:05", r.small_pictures, "shortfall"),
    Mailed("HN10", "07-19 16:50", r.passed_on, "receipt"),
    Mailed("HN11", "07-20 08:45", r.rest_follows, "receipt"),
    Mailed("HN07", "07-20 09:52", r.bounced, None),
    Mailed(None, "07-21 10:30", r.nameless, "neutral"),
    Staff("assign", "HN08", "07-21 14:00"),
    Mailed(None, "07-24 09:00", r.other_business, None),
    Mailed("HN02", "07-24 10:00", r.thanks, None),
    Mailed("HN06", "07-25 22:48", r.experience_in_reply, "receipt"),
))  # fmt: skip

BINGTUAN = Season("bingtuan-2018", 2018, "06-04 08:30", "07-23 17:00", (
    Mailed("BT22", "06-12 11:30", r.good_practice, "receipt"),
    Mailed("BT01", "06-20 10:10", r.applicants_and_scan, "receipt"),
    Staff("seal", "BT01", "06-21 09:00"),
    Mailed("BT02", "06-25 15:25", r.applicants_word, "receipt"),
    Mailed("BT03", "07-02 09:35", r.column_missing, "shortfall"),
    Mailed("BT03", "07-04 10:45", r.column_added, "receipt"),
    Mailed("BT08", "07-05 16:20", r.all_of_bingtuan, "receipt"),
    Staff("seal", "BT08", "07-06 09:00"),
    Mailed("BT04", "07-06 10:00", r.three_pictures, "shortfall"),
    Mailed("BT04", "07-09 09:12", r.set_completed, "receipt"),
    Mailed("BT05", "07-10 11:40", r.long_film, "shortfall"),
    Mailed("BT21", "07-11 10:18", r.long_essay, "shortfall"),
    Mailed("BT06", "07-12 09:22", r.applicants_and_scan, "receipt"),
    Mailed("BT06", "07-12 10:02", r.taken_back, None),
    Mailed("BT31", "07-13 15:33", r.filing_asked, None),
    Mailed("BT12", "07-16 09:48", r.for_another, "neutral"),
    Staff("assign", "BT10", "07-16 15:00"),
    Staff("disc", "BT02", "07-17 10:00"),
    Mailed("BT13", "07-17 09:33", r.away_note_unmarked, None),
    Mailed("BT14", "07-18 17:05", r.applicants_word, "receipt"),
    Mailed(None, "07-19 09:00", r.advertisement, None),
    Staff("clear", "", "07-20 16:30"),
))  # fmt: skip

WEIHAI = Season("weihai-2018", 2018, "07-24 08:30", "08-21 17:00", (
    Mailed("WH01", "08-02 10:05", r.materials, "complete"),
    Mailed("WH02", "08-03 14:30", r.all_of_weihai, "complete"),
    Mailed("WH03", "08-06 09:20", r.squeezed_pictures, "shortfall"),
    Mailed("WH03", "08-07 16:08", r.original_pictures, "complete"),
    Mailed("WH04", "08-08 11:25", r.theory, "complete"),
    Mailed("WH09", "08-09 10:40", r.photos_only_inline, "complete"),
    Mailed("WH12", "08-10 15:50", r.cloud_link, "receipt"),
    Mailed("WH11", "08-13 20:30", r.private_clerk, "receipt"),
    Mailed(None, "08-14 09:15", r.nobody_knows, "neutral"),
    Staff("assign", "WH06", "08-14 11:00"),
    Mailed("WH13", "08-14 10:10", r.long_note, "shortfall"),
    Mailed(None, "08-15 08:05", r.newsletter, None),
    Mailed("WH10", "08-15 14:45", r.materials, "complete", twice=True),
    Mailed("WH08", "08-15 17:12", r.bounced, None),
    Mailed(None, "08-16 09:00", r.other_business, None),
    Staff("clear", "", "08-20 16:30"),
    Mailed("WH05", "08-20 22:15", r.materials, "complete"),
    Mailed("WH07", "08-21 10:20", r.materials, "complete"),
))  # fmt: skip

SEASONS: tuple[Season, ...] = (ANQING, HAINAN, BINGTUAN, WEIHAI)
CODES: Mapping[str, str] = {"anqing": "AQ", "hainan": "HN", "bingtuan": "BT", "weihai": "WH"}
"""Mailbox name -> letters of its numbers."""
