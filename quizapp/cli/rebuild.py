"""`quizapp rebuild`: count everybody's progress anew from what they did."""

import click

from quizapp.cli.environment import open_database
from quizapp.cli.output import emit, finish, json_option, say
from quizapp.services.rebuilding import Difference
from quizapp.services.rebuilding import rebuild as rebuild_all

MOST_TOLD = 100
"""More differences than this are counted, not told one by one."""


@click.command()
@click.option("--check", is_flag=True, help="Report differences and change nothing.")
@json_option
def rebuild(check: bool, as_json: bool) -> None:
    """Recompute learners' progress from their steps, and mend what differs."""
    told = 0

    def tell(difference: Difference) -> None:
        nonlocal told
        told += 1
        if told <= MOST_TOLD:
            say(str(difference))

    with open_database() as database:
        report = rebuild_all(database, check=check, tell=tell)
    count = len(report.differences)
    done = "found" if check else "mended"
    say(f"{report.rows} rows, {count} {'difference' if count == 1 else 'differences'} {done}")
    emit({"rows": report.rows, "differences": count}, as_json=as_json)
    finish(ok=not (check and count))
