from dataclasses import dataclass
from datetime import datetime, timezone


@dataclass(frozen=True)
class Article:
    slug: str
    headline: str
    when: datetime


ARTICLES = [
    Article("bridge", "Bridge reopened", datetime(2026, 2, 1, 8, tzinfo=timezone.utc)),
    Article("budget", "Budget <passed>", datetime(2026, 2, 3, 19, tzinfo=timezone.utc)),
]
