from sqlalchemy.orm import Mapped, mapped_column

from caisse import db


class Article(db.Model):
    id: Mapped[int] = mapped_column(primary_key=True)
    nom: Mapped[str] = mapped_column(unique=True)
    prix: Mapped[int]
