"""The workers of a stage: loaded when their first job runs, started once a process."""

from collections.abc import Callable, Iterable

from workerless.testing.loop import outside_any_loop
from workerless.worker import Worker


class Crew:
    """Workers by job type."""

    def __init__(self) -> None:
        self._loaders: dict[str, Callable[[], Worker]] = {}
        self._running: dict[str, Worker] = {}

    def hire(self, job_type: str, load: Callable[[], Worker]) -> None:
        """Have the worker that ``load`` gives run the jobs of ``job_type`` from now on."""
        self.dismiss(job_type)
        self._loaders[job_type] = load

    def dismiss(self, job_type: str) -> None:
        """Let the process go, as Lambda does: the next job gets a new one."""
        if job_type in self._running:
            self._running[job_type].shut_down()
            self.bury(job_type)

    def bury(self, job_type: str) -> None:
        """The same where the process has died."""
        worker = self._running.pop(job_type, None)
        if worker is not None:
            outside_any_loop(worker.close)

    def names(self) -> Iterable[str]:
        return self._loaders.keys()

    def on_duty(self, job_type: str) -> Worker:
        """The worker, after its ``on_init``. Raises what loading or starting it raises."""
        if job_type not in self._running:
            worker = self._loaders[job_type]()
            worker.start()
            self._running[job_type] = worker
        return self._running[job_type]

    def close(self) -> None:
        for name in list(self._running):
            self.dismiss(name)
