"""The doors, for commands: the same as the server's, in a process of their own."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from chat_app.infrastructure.bus import EventBus, LocalBus, RedisBus
from chat_app.infrastructure.clock import KeyedSeal, SystemClock, SystemDice
from chat_app.infrastructure.database import open_database
from chat_app.infrastructure.database_state import tables_at_hand
from chat_app.infrastructure.rate_limits import NoLimits
from chat_app.infrastructure.secret_file import generated_secret
from chat_app.infrastructure.unit_of_work import Doors
from chat_app.settings import Settings


@asynccontextmanager
async def inside(settings: Settings) -> AsyncGenerator[Doors]:
    """Doors into the database, which must be there with the newest tables: else `Fault` is raised."""
    tables_at_hand(settings.database_url)
    clock, dice = SystemClock(), SystemDice()
    # so that servers in other processes hear what is told
    bus: EventBus = RedisBus(settings.redis_url, dice) if settings.redis_url else LocalBus()
    seal = KeyedSeal(settings.secret or generated_secret(settings.data_dir))
    doors = Doors(open_database(settings.database_url), clock=clock, dice=dice, seal=seal, limiter=NoLimits(), bus=bus)
    try:
        yield doors
    finally:
        doors.close()
        await bus.close()
