"""Matrix products that give the same bits whatever the number of threads."""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """Keep the matrix library to one thread while the block runs.

    A library that divides a product among threads may sum in another order, and a drive that
    lies at the threshold then fires on one machine and not on another.
    """
    with threadpool_limits(limits=1, user_api="blas"):
        yield
