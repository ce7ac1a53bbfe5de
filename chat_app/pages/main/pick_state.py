"""Picking people for a group."""

from typing import Annotated

import reflex as rx
from pydantic import Field

from chat_app.domain.common.work import Who
from chat_app.domain.users.queries import find_people
from chat_app.infrastructure.unit_of_work import ask
from chat_app.pages.main.state import ID, FoundPerson
from chat_app.realtime.faces import face_of
from chat_app.realtime.policy import actor, handler


class PickState(rx.State):
    """Who is found, and who was picked."""

    text: str = ""
    found: list[FoundPerson] = []
    picked: list[FoundPerson] = []
    ids: list[str] = []
    """Those of the picked."""

    @handler(Who.CONFIRMED, supersedes=True)
    async def find(self, text: Annotated[str, Field(max_length=200)]) -> None:
        """People whose name or username begins like this."""
        self.text = text.strip()
        people = await ask(actor(), find_people, self.text) if self.text else []
        self.found = [
            FoundPerson(
                person.user_id, person.username, person.name, face_of(person.user_id, person.name, person.picture)
            )
            for person in people
        ]

    @handler(Who.CONFIRMED)
    async def pick(self, person: ID) -> None:
        """Take one of those who were found."""
        chosen = [found for found in self.found if found.user_id == person and person not in self.ids]
        self._take([*self.picked, *chosen])
        self.text, self.found = "", []

    @handler(Who.CONFIRMED)
    async def drop(self, person: ID) -> None:
        """Leave one of the picked out again."""
        self._take([picked for picked in self.picked if picked.user_id != person])

    def _take(self, picked: list[FoundPerson]) -> None:
        self.picked, self.ids = picked, [person.user_id for person in picked]

    def _begin(self) -> None:
        """Nobody is found or picked yet."""
        self.text, self.found = "", []
        self._take([])
