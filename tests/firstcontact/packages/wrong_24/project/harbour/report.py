from harbour.berths import BERTHS


def main():
    for name, metres in sorted(BERTHS.items()):
        print(f"{name}\t{metres}")
