import json
import signal

BLOCK = b"x" * 65536
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def fill(paths):
    written = 0
    for path in paths:
        try:
            with open(path, "ab", buffering=0) as file:
                while written < 300 << 20:
                    written += file.write(BLOCK)
        except OSError:
            continue
    return written


filled = {
    "/tmp": fill(f"/tmp/{number}" for number in range(300)),
    "/data": fill(f"/data/his.db{tail}" for tail in ("", "-wal", "-shm", "-more")),
    "/run/his/h": fill(f"/run/his/h/{number}" for number in range(30)),
}
made = 0
try:
    for number in range(100, 200):
        open(f"/run/his/h/{number}", "wb").close()
        made += 1
except OSError:
    pass
filled["files in /run/his/h"] = made
print(json.dumps(filled))
