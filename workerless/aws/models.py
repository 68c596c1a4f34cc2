"""botocore's models of the services, found in one look at their folders."""

import os
from functools import cached_property

from botocore.loaders import Loader


class FolderLoader(Loader):
    """A loader that takes each folder for a service.

    botocore's own looks into all four hundred of them before it loads the first: a thousand reads
    of directories whenever a function starts cold.
    """

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002 -- botocore's
        return self._folders

    @cached_property
    def _folders(self) -> list[str]:
        found = (next(os.walk(path), ("", [], [])) for path in self.search_paths)
        return sorted(name for _, folders, _ in found for name in folders)
