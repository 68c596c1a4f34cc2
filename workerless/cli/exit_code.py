"""How the command line ends: one number for each kind of thing that can go wrong."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Stable: scripts decide by these. ``docs/cli.md`` and ``--help`` list them."""

    OK = 0
    NOT_COMPLETED = 1
    USAGE = 2
    NOT_FOUND = 3
    CONFLICT = 4
    DENIED = 5
    UNREACHABLE = 6
    TIMED_OUT = 7
    LOCAL_CLOUD = 8
    INTERRUPTED = 130


MEANINGS = {
    ExitCode.OK: "done",
    ExitCode.NOT_COMPLETED: "the job or operation ended, but not as wished, or nobody confirmed it",
    ExitCode.USAGE: "wrong usage, payload or declaration",
    ExitCode.NOT_FOUND: "no such job, job type or operation",
    ExitCode.CONFLICT: "the state of things does not allow it",
    ExitCode.DENIED: "credentials missing, refused or not allowed here",
    ExitCode.UNREACHABLE: "a service does not answer",
    ExitCode.TIMED_OUT: "the job had not ended in time",
    ExitCode.LOCAL_CLOUD: "the local cloud could not be started or deployed to",
    ExitCode.INTERRUPTED: "interrupted by Ctrl-C",
}
