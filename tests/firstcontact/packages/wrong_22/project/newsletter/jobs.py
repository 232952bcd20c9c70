"""What the worker runs: python -m newsletter.jobs"""
import time

from newsletter import create_app

app = create_app()


def enqueue(address, subject):
    app.extensions["outbox"].append((address, subject))


def send_batch():
    with app.app_context():
        outbox = app.extensions["outbox"]
        for _ in range(min(app.config["BATCH"], len(outbox))):
            address, subject = outbox.popleft()
            print(f"{app.config['SENDER']} -> {address}: {subject}")


if __name__ == "__main__":
    while True:
        send_batch()
        time.sleep(10)
