"""What the server writes down, and what it never does."""

import logging
from typing import Any


def log_config(level: str) -> dict[str, Any]:
    """For `logging.config.dictConfig`: everything to stderr, one line each with its time, requests without queries."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "filters": {"no_query": {"()": "chat_app.logs.WithoutQuery"}},
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "line"},
            "access": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["no_query"]},
        },
        "root": {"handlers": ["stderr"], "level": level.upper()},
        "loggers": {
            "uvicorn": {"level": "WARNING"},
            "uvicorn.access": {"level": level.upper(), "handlers": ["access"], "propagate": False},
            # names of unknown events come with the headers of whoever sent them, cookies included
            "reflex_base.event.processor.event_processor": {"level": "CRITICAL"},
            "alembic": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
        },
    }


class WithoutQuery(logging.Filter):
    """Cuts queries from access lines: the event socket's holds the key to a tab's state."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.args, tuple) and len(record.args) > 2:
            client, method, path, *rest = record.args
            record.args = (client, method, str(path).partition("?")[0], *rest)
        return True
