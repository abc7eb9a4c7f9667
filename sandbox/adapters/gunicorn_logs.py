"""What gunicorn says about itself, as lines of the process it serves."""

from __future__ import annotations

import logging

from gunicorn.config import Config
from gunicorn.glogging import Logger

from sandbox.adapters import logs


class Lines(Logger):  # type: ignore[misc]  # gunicorn has no types
    """Named to gunicorn by `--logger-class`; `--name` is the process."""

    def setup(self, cfg: Config) -> None:
        """Send everything to the root logger, which writes our lines."""
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            log.handlers.clear()
            log.propagate = True
        self.error_log.setLevel(logging.INFO)
        logs.configure(cfg.proc_name)
