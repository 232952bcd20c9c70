import click

from desk_store import store
from tickets import app


@app.cli.command("open-ticket")
@click.argument("text")
def open_ticket(text):
    click.echo(store.add(text))
