"""Declarations of modules and the checks on their order."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from pydantic import ValidationError

from cherrypy_bot.core.bot import CherryBot
from cherrypy_bot.core.errors import ModuleError
from cherrypy_bot.core.keys import Key
from cherrypy_bot.core.module import Module, ModuleOptions, check_modules
from cherrypy_bot.core.orders import UpcToCommand
from cherrypy_bot.core.upc import Command

PLAN: Key[str] = Key("test.module.plan", str, "", owner="planner")


class Planner(Module):
    writes: ClassVar[tuple[Key[Any], ...]] = (PLAN,)
    posts: ClassVar[tuple[Command, ...]] = (Command.CREATE, Command.HARASS)


class Builder(Module):
    class Options(ModuleOptions):
        walls: bool = True

    reads: ClassVar[tuple[Key[Any], ...]] = (PLAN,)
    consumes: ClassVar[tuple[Command, ...]] = (Command.CREATE,)
    posts: ClassVar[tuple[Command, ...]] = (Command.CREATE,)


class Consumer(Module):
    consumes: ClassVar[tuple[Command, ...]] = (Command.HARASS,)


def test_the_class_name_is_the_default_name() -> None:
    assert (Planner.name, UpcToCommand.name) == ("planner", "upc_to_command")


def test_a_name_that_was_given_is_inherited_since_keys_belong_to_it() -> None:
    class Named(Module):
        name: ClassVar[str] = "strategy"

    class ForZerg(Named):
        pass

    class Other(Planner):
        pass

    assert (ForZerg.name, Other.name) == ("strategy", "other")


def test_a_good_order_has_no_complaints() -> None:
    assert check_modules([Planner(), Builder(), Consumer(), UpcToCommand()]) == []


def test_a_consumer_before_its_only_poster_is_an_error() -> None:
    with pytest.raises(ModuleError, match=r"'consumer' consumes HARASS, but 'planner'.*put 'consumer' after 'planner'"):
        check_modules([Consumer(), Planner(), Builder(), UpcToCommand()])


def test_a_command_that_nobody_consumes_or_posts_is_a_warning() -> None:
    assert check_modules([Planner(), Builder(), UpcToCommand()]) == [
        "module 'planner' posts HARASS, which no later module consumes"
    ]
    assert check_modules([Consumer(), UpcToCommand()]) == ["module 'consumer' consumes HARASS, which no module posts"]


def test_a_key_that_nobody_writes_is_a_warning() -> None:
    warnings = check_modules([Builder(), UpcToCommand()])
    assert any("reads key 'test.module.plan', which no module writes" in warning for warning in warnings)


def test_only_the_owner_may_declare_to_write_a_key() -> None:
    class Usurper(Module):
        writes: ClassVar[tuple[Key[Any], ...]] = (PLAN,)

    with pytest.raises(ModuleError, match="belongs to 'planner'"):
        check_modules([Usurper()])


def test_names_are_unique() -> None:
    with pytest.raises(ModuleError, match="two modules are called 'planner'"):
        CherryBot([Planner(), Planner()])


def test_upc_to_command_is_added_at_the_end_once() -> None:
    assert [m.name for m in CherryBot([Builder()]).modules] == ["builder", "upc_to_command"]
    assert [m.name for m in CherryBot([Builder(), UpcToCommand()]).modules] == ["builder", "upc_to_command"]


def test_options_are_validated_and_have_defaults() -> None:
    assert Builder().options.walls is True
    assert Builder(Builder.Options(walls=False)).options.walls is False
    with pytest.raises(ValidationError):
        Builder.Options.model_validate({"wals": True})
