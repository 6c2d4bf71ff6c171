"""Functions on processes of their own: every answer once, errors where they were asked."""

import os
import time
from functools import partial

import pytest

from anaspike.errors import InputError
from anaspike.processes import Died, on_processes


def plus(more, number):
    if number == 13:
        raise InputError("13 is unlucky")
    if number == 14:
        os._exit(7)
    return number + more, os.getpid()


def slow(number):
    time.sleep(60)


def test_every_item_is_answered_once_on_several_processes():
    answers = dict(on_processes(partial(plus, 1), range(6), 2))
    assert {index: answer[0] for index, answer in answers.items()} == {i: i + 1 for i in range(6)}
    assert os.getpid() not in {process for _, process in answers.values()}


def test_what_the_function_raises_is_raised_here():
    with pytest.raises(InputError, match="13 is unlucky"):
        dict(on_processes(partial(plus, 1), [1, 13], 2))


def test_a_process_that_dies_is_replaced():
    answers = dict(on_processes(partial(plus, 1), [14, 2, 3], 1))
    assert answers[0] == Died(7)
    assert str(answers[0]) == "its process ended with 7: too little memory?"
    assert [answers[i][0] for i in (1, 2)] == [3, 4]


def test_who_stops_listening_waits_for_none():
    running = on_processes(partial(plus, 1), range(3), 2)
    next(running)
    start_s = time.monotonic()
    running.close()
    assert time.monotonic() - start_s < 20


def test_nothing_is_asked_when_it_is_stopped():
    assert list(on_processes(slow, range(3), 2, lambda: True)) == []
    assert list(on_processes(slow, [], 2)) == []
