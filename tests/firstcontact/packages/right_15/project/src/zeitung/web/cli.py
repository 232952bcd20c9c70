import click

from zeitung.articles import ARTICLES


@click.command("count")
def count():
    click.echo(len(ARTICLES))
