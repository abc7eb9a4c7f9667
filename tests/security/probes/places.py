import json
import os
from pathlib import Path


def refusal(deed):
    try:
        deed()
    except OSError as refused:
        return refused.errno
    return 0


def program():
    with open("/tmp/program", "w") as file:
        file.write("#!/bin/sh\n")
    os.chmod("/tmp/program", 0o755)
    os.execv("/tmp/program", ["program"])


answers = {
    path: refusal(lambda path=path: Path(path).write_text("x"))
    for path in (
        "/new",
        "/etc/passwd",
        "/opt/his/app/new",
        "/data/new",
        "/run/his/new",
    )
}
answers["link to a socket"] = refusal(lambda: os.symlink("/run/his/c/control.sock", "/run/his/h/http.sock"))
answers["rename of the data"] = refusal(lambda: os.rename("/data/his.db", "/data/his.db-wal"))
answers["program in /tmp"] = refusal(program)
print(json.dumps(answers))
