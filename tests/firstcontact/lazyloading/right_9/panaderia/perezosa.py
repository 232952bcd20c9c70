from functools import lru_cache
from pkgutil import resolve_name


class Vista:
    def __init__(self, nombre):
        self.nombre = nombre
        self.__module__, self.__name__ = nombre.rsplit(".", 1)

    def __call__(self, *args, **kwargs):
        return _cargar(self.__module__, self.__name__)(*args, **kwargs)


@lru_cache(maxsize=None)
def _cargar(modulo, nombre):
    return resolve_name(f"{modulo}:{nombre}")


def vista(nombre):
    return Vista(nombre)
