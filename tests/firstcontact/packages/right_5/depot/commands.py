import click

from depot import app


@app.cli.command("count")
def count():
    """Say how many parcels there are."""
    from depot.parcels import PARCELS
    click.echo(len(PARCELS))
