from types import MappingProxyType

SCHLAEGE = MappingProxyType({"nord": ["Blaue", "Schecke"], "süd": ["Rote & Weiße"]})
FLUEGE = ((1, "Passau", 412), (2, "Wels", 530))
