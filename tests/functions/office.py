"""Where the tests of ``import_records`` import: in memory."""

import csv
from io import StringIO

from functions.import_records.handler import Stage, import_file
from functions.import_records.job import ImportRecords, Place, RecordsImported, import_records
from functions.save_records.handler import save
from functions.save_records.job import RecordsSaved, SaveRecords, save_records
from tests.functions.importing import SOURCE, FilesInMemory
from workerless.execution.context import JobContext
from workerless.handle import JobStatus
from workerless.run_status import RunStatus
from workerless.testing.stage import InMemoryStage
from workerless.worker import worker

ORDER = ImportRecords(source=SOURCE)


class Office:
    """Both workers over one bucket."""

    def __init__(self) -> None:
        self.s3 = FilesInMemory()
        self.stage = InMemoryStage(
            worker(import_records)(self.read), worker(save_records)(self.save)
        )

    def read(self, order: ImportRecords, job: JobContext[Place]) -> RecordsImported:
        made = Stage(s3=self.s3.client, bucket="bucket", client=self.stage.client)
        return import_file(order, job, made)

    def save(self, order: SaveRecords) -> RecordsSaved:
        return save(order, s3=self.s3.client, bucket="bucket")

    def run(self, data: bytes, order: ImportRecords = ORDER) -> JobStatus[RecordsImported]:
        self.s3.files[SOURCE] = data
        status = self.stage.run(import_records, order, job_id="import-7")
        self.stage.run_all()
        return status

    def saved(self) -> list[str]:
        """The lines of all files that were saved, in order."""
        keys = sorted(key for key in self.s3.files if key.startswith("imports/saved/import-7/"))
        return [line for key in keys for line in self.s3.files[key].decode().splitlines()]

    def batches(self) -> list[RunStatus]:
        """How those that the import has filled stand, in order."""
        containers = self.stage.doubles.store.containers
        ids = [f"import-7.{number}" for number in range(1, 10)]
        there = [one.container_id for one in containers.read_many(ids) if one is not None]
        return [self.stage.client.workflow(one).status() for one in there]

    def reported(self) -> list[tuple[int, str, str]]:
        text = self.s3.files["imports/reports/import-7.csv"].decode()
        return [
            (int(line["row"]), line["column"], line["problem"])
            for line in csv.DictReader(StringIO(text))
        ]
