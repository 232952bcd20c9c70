from importlib import import_module
from threading import Lock


def spaete_ansicht(import_name):
    modul, punkt, name = import_name.rpartition(".")
    if not punkt:
        raise ValueError(f"kein Modul in {import_name!r}")
    schloss = Lock()
    geladen = []

    def ansicht(*args, **kwargs):
        if not geladen:
            with schloss:
                if not geladen:
                    geladen.append(getattr(import_module(modul), name))
        return geladen[0](*args, **kwargs)

    ansicht.__name__ = ansicht.__qualname__ = name
    ansicht.__module__ = modul
    return ansicht
