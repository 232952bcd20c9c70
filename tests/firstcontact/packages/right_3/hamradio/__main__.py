import sys


def main():
    from hamradio.web import make_app

    make_app("club").run(port=int(sys.argv[1]) if len(sys.argv) > 1 else 5000)


if __name__ == "__main__":
    main()
