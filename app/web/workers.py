"""Several server processes that share a socket, as uvicorn runs them, except where clients would wait in vain.

Who holds that socket has the system take connections on it, whether anybody answers them or not.
"""

from __future__ import annotations

import contextlib

from uvicorn import Config
from uvicorn.supervisors import Multiprocess

from app.jobs.children import end_with_parent
from app.web.closing import LISTENING


class WorkerConfig(Config):
    """What a worker is started with; loading the application is the first that it does, and takes seconds."""

    def load(self) -> None:
        """Load the application, in a process that does not outlive its parent."""
        end_with_parent(LISTENING)
        super().load()


class Workers(Multiprocess):
    """The first process: it starts the workers, and starts them again when they die."""

    def keep_subprocess_alive(self) -> None:
        """Start again what has died. A worker that dies while it is asked whether it lives has said so."""
        for process in self.processes:
            # Its end of the pipe is passed on. Held here, too, it would keep us waiting for an answer of the dead, for
            # as long as one that hangs is given, and who else dies meanwhile would not be started again either.
            process.child_conn.close()
        super().keep_subprocess_alive()

    def terminate_all(self) -> None:
        """Tell the workers to stop. They take connections as long as they answer them, and then nobody does."""
        for listening in self.sockets:
            listening.close()
        super().terminate_all()


def run_workers(config: Config) -> None:
    """Run the server in as many processes as its configuration says, until told to stop."""
    with contextlib.suppress(KeyboardInterrupt):
        Workers(config, sockets=[config.bind_socket()]).run()
