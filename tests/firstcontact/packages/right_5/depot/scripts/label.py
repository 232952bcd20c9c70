import sys

from depot.parcels import PARCELS

number = int(sys.argv[1])
print(f"{number}: {PARCELS[number]['to']}")
