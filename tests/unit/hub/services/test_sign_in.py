from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from hub.db.tables import logins, users
from hub.services.passwords import Passwords
from hub.services.people import People, Person, Role
from hub.services.refusals import RefusedError, UnknownSubjectError
from hub.services.sign_in import SignIn
from tests.unit.hub.services.samples import NOW, cheap_passwords, deeds, rows_of

PASSWORD = "correct horse battery"
ZHANG = Person("zhangli", "张丽", frozenset({Role.CLERK}))
MINUTE = timedelta(minutes=1)


class Door:
    """The services of one test, sharing their password hasher."""

    def __init__(self, engine: AsyncEngine) -> None:
        passwords = cheap_passwords()
        self.people = People(engine, passwords)
        self.sign_in = SignIn(engine, passwords)

    async def try_to_enter(self, password: str = PASSWORD, minutes: float = 0) -> str | None:
        return await self.sign_in.sign_in(NOW + minutes * MINUTE, "zhangli", password)


@pytest.fixture
async def door(engine: AsyncEngine) -> Door:
    found = Door(engine)
    await found.people.add("console", NOW, ZHANG, PASSWORD)
    return found


async def test_a_person_signs_in_and_out(door: Door, engine: AsyncEngine) -> None:
    token = await door.try_to_enter()
    assert token is not None
    login = await door.sign_in.find(NOW, token)
    assert login is not None
    assert login.person == ZHANG
    (row,) = await rows_of(engine, logins)
    assert token not in (row.token_sha256, row.form_token)
    await door.sign_in.sign_out(NOW, token, ZHANG)
    assert await door.sign_in.find(NOW, token) is None
    assert [action for _, action in await deeds(engine)] == ["user_added", "signed_in", "signed_out"]


async def test_the_password_is_kept_as_argon2id(door: Door, engine: AsyncEngine) -> None:
    (row,) = await rows_of(engine, users)
    assert row.password.startswith("$argon2id$")


async def test_the_product_hashes_as_costly_as_rfc_9106_wants() -> None:
    passwords = Passwords()
    hashed = await passwords.hash(PASSWORD)
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert await passwords.matches(hashed, PASSWORD)
    assert not await passwords.matches(hashed, "wrong")
    assert not await passwords.matches(None, "nobody has this password")
    assert not await passwords.matches("not a hash", PASSWORD)


async def test_five_wrong_tries_lock_for_fifteen_minutes(door: Door) -> None:
    for _ in range(5):
        assert await door.try_to_enter("wrong") is None
    assert await door.try_to_enter() is None, "the right password opens nothing while locked"
    assert await door.try_to_enter(minutes=14.9) is None
    assert await door.try_to_enter(minutes=15) is not None


async def test_after_the_lock_there_are_five_tries_again(door: Door) -> None:
    for _ in range(5):
        await door.try_to_enter("wrong")
    for _ in range(4):
        assert await door.try_to_enter("wrong", minutes=16) is None
    assert await door.try_to_enter(minutes=16) is not None


async def test_a_right_password_forgives_the_wrong_tries(door: Door) -> None:
    for _ in range(2):
        for _ in range(4):
            await door.try_to_enter("wrong")
        assert await door.try_to_enter() is not None


async def test_tries_at_the_same_moment_count_as_well(door: Door, engine: AsyncEngine) -> None:
    await asyncio.gather(*(door.try_to_enter("wrong") for _ in range(12)))
    assert await door.try_to_enter() is None
    refused = [action for _, action in await deeds(engine) if action == "sign_in_refused"]
    assert len(refused) == 5, "beyond the fifth nothing was even compared"


async def test_nobody_of_that_name_is_refused_alike(door: Door) -> None:
    assert await door.sign_in.sign_in(NOW, "nobody", PASSWORD) is None


async def test_thirty_idle_minutes_end_a_login(door: Door) -> None:
    token = await door.try_to_enter()
    assert token is not None
    login = await door.sign_in.find(NOW + 29 * MINUTE, token)
    assert login is not None
    await door.sign_in.touch(NOW + 29 * MINUTE, token, login)
    assert await door.sign_in.find(NOW + 58 * MINUTE, token) is not None
    assert await door.sign_in.find(NOW + 59 * MINUTE, token) is None


async def test_twelve_hours_end_even_a_busy_login(door: Door) -> None:
    token = await door.try_to_enter()
    assert token is not None
    for n in range(1, 30):
        moment = NOW + n * 25 * MINUTE
        login = await door.sign_in.find(moment, token)
        if login is None:
            break
        await door.sign_in.touch(moment, token, login)
    assert n * 25 == 725


async def test_a_disabled_person_is_out_at_once(door: Door) -> None:
    token = await door.try_to_enter()
    assert token is not None
    await door.people.disable("console", NOW, "zhangli")
    assert await door.sign_in.find(NOW, token) is None
    assert await door.try_to_enter() is None


async def test_a_new_password_unlocks_and_ends_open_logins(door: Door) -> None:
    token = await door.try_to_enter()
    assert token is not None
    for _ in range(5):
        await door.try_to_enter("wrong")
    await door.people.set_password("console", NOW, "zhangli", "another good one")
    assert await door.sign_in.find(NOW, token) is None
    assert await door.try_to_enter() is None
    assert await door.try_to_enter("another good one") is not None


async def test_odd_accounts_are_refused(door: Door) -> None:
    with pytest.raises(RefusedError, match="user_exists"):
        await door.people.add("console", NOW, ZHANG, PASSWORD)
    with pytest.raises(RefusedError, match="password_length"):
        await door.people.add("console", NOW, Person("wang", "王", ZHANG.roles), "short")
    with pytest.raises(RefusedError, match="user_name_odd"):
        await door.people.add("console", NOW, Person("wang li", "王", ZHANG.roles), PASSWORD)
    with pytest.raises(RefusedError, match="user_needs_role"):
        await door.people.add("console", NOW, Person("wang", "王", frozenset()), PASSWORD)
    with pytest.raises(UnknownSubjectError):
        await door.people.disable("console", NOW, "wang")
