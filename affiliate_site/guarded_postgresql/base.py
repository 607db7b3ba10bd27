"""Django's PostgreSQL backend for a server that may go away or hang: nobody waits for it for ever.

A connection that cannot be made is tried by one caller a second; all others hear so at once. A query that
stays without a sign of life is given up once a new connection gets no answer either: a slow query goes on
for as long as it needs, a server that hangs does not.
"""

import time
from collections.abc import Generator
from functools import partial

import psycopg
from django.db.backends.postgresql import base
from psycopg.errors import ConnectionTimeout

from affiliate_site.breaker import Breaker

PATIENCE = 1.5  # seconds without a sign of life, then we ask whether the server answers at all
ASK_AGAIN = 5.0
_breakers: dict[tuple, Breaker] = {}


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict):
        breaker = self._breaker(conn_params)
        if not breaker.lets_through():
            raise psycopg.OperationalError("PostgreSQL was away a moment ago")
        try:
            connection = super().get_new_connection(conn_params)
        except psycopg.OperationalError:
            breaker.failed()
            raise
        breaker.worked()
        connection.wait = partial(self._wait, connection, connection.wait, conn_params)
        return connection

    def _wait(self, connection, wait, conn_params: dict, gen: Generator, *args, **kwargs):
        return wait(self._watched(connection, conn_params, gen), *args, **kwargs)

    def _watched(self, connection, conn_params: dict, gen: Generator) -> Generator:
        """Go through what psycopg waits for. It says every 0.1 s that there was nothing (READY_NONE)."""
        try:
            state = next(gen)
            silent_since = None
            while True:
                if ready := (yield state):
                    silent_since = None
                elif silent_since is None:
                    silent_since = time.monotonic()
                elif time.monotonic() - silent_since > PATIENCE:
                    if not self._server_answers(conn_params):
                        connection.close()  # a rollback would wait, too
                        raise psycopg.OperationalError("PostgreSQL does not answer")
                    silent_since = time.monotonic() + ASK_AGAIN - PATIENCE
                state = gen.send(ready)
        except StopIteration as stop:
            return stop.value

    def _server_answers(self, conn_params: dict) -> bool:
        breaker = self._breaker(conn_params)
        if not breaker.lets_through():
            return False
        address = {name: conn_params[name] for name in _ADDRESS if name in conn_params}
        try:
            psycopg.connect(**address).close()
        except ConnectionTimeout:
            breaker.failed()
            return False
        except psycopg.OperationalError:
            pass  # it says no, so it lives: a dead one would have closed our connection
        breaker.worked()
        return True

    @staticmethod
    def _breaker(conn_params: dict) -> Breaker:
        key = tuple(conn_params.get(name) for name in ("host", "port", "dbname"))
        return _breakers.setdefault(key, Breaker())


_ADDRESS = ("host", "port", "dbname", "user", "password", "sslmode", "connect_timeout", "service", "passfile")
