"""E-mail as files, where no server is set: each message one file that only the site's own user can read."""

import os

from django.core.mail.backends import filebased


class FileBackend(filebased.EmailBackend):
    """Write messages into EMAIL_FILE_PATH; a link that opens an account is for nobody else to read."""

    def open(self) -> bool:
        if self.stream is not None:
            return False
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        self.stream = os.fdopen(os.open(self._get_filename(), flags, 0o600), "ab")
        return True
